//! `derek convert` and the commands that take the template's files, with the real program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use derek::convert::{normal, spelled_shortest};
use serde_json::{Value, json};

use crate::convert::{json as parsed, read_xlsx};
use crate::site::Site;

fn derek(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_derek")).args(arguments).output().expect("the program starts")
}

fn said(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

#[track_caller]
fn converted(from: &Path, to: &Path) {
    let output = derek(&[Path::new("convert"), from, to]);
    assert!(output.status.success(), "{}", said(&output.stderr));
}

/// The exit status of `derek convert`, and what it complains about.
fn refused(arguments: &[&Path]) -> (Option<i32>, String) {
    let mut all = vec![Path::new("convert")];
    all.extend(arguments);
    let output = derek(&all);
    (output.status.code(), said(&output.stderr).to_owned())
}

/// What a file in JSON says.
fn document(file: &Path) -> Value {
    spelled_shortest(&normal(&parsed(std::fs::read(file).expect("it can be read"))).unwrap())
}

/// What `derek check` counts: rows, findings by severity, and findings by rule and field.
fn counts(file: &Path) -> (Option<i32>, Vec<String>) {
    let output = derek(&[Path::new("check"), file]);
    let report = said(&output.stdout).replace(&format!("{}: ", file.display()), "");
    let lines = report.lines().filter(|line| !line.starts_with("    ")).map(str::to_owned).collect();
    (output.status.code(), lines)
}

/// A CSV file with a field of whole numbers and one value of it, in line 8.
fn csv(value: &str) -> String {
    format!(
        "1. Ашық деректердің сипаттамасы\nЖолдың атауы,Мәні\n2. Ашық деректер жолдарының сипаттамасы\nЖол,Жолдың типі\nv,Int\n\
         3. Ашық деректерін қалыптастыру шаблоны\nv\n{value}\n"
    )
}

#[test]
fn a_chain_of_all_forms_ends_where_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let origin = crate::fixtures().join("astana_pharmacies.json");
    let files = ["a.xlsx", "b.json", "c.xml", "d.json", "e.csv", "f.json"].map(|it| folder.path().join(it));
    let mut from = &origin;
    for to in &files {
        converted(from, to);
        from = to;
    }
    let expected = document(&origin);
    assert_eq!(expected["data"].as_array().map(Vec::len), Some(24));
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "json")) {
        assert_eq!(document(file), expected, "{}", file.display());
    }
    let of_origin = counts(&origin);
    assert!(of_origin.1[0].starts_with("astana_pharmacies, 24 rows"), "{of_origin:?}");
    assert!(of_origin.1.len() > 1, "there is something to count: {of_origin:?}");
    for file in &files {
        assert_eq!(counts(file), of_origin, "{}", file.display());
    }
}

#[test]
fn the_exit_status_says_whose_fault_it_is_and_no_file_is_half_written_or_lost() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let put = |name: &str, text: &str| std::fs::write(at(name), text).unwrap();
    put("sound.csv", &csv("86"));
    put("wrong.csv", &csv("\"86,4%\""));
    put("control.json", "{\"data\": [{\"a\": 1}, {\"ә\": \"\\u0001\"}]}");
    put("other.json", "{\"total\": 5, \"data\": []}");
    put("none.json", "{\"data\": [{]}");
    put("there.json", "{}");
    for (from, to, status, complaint) in [
        ("nowhere.json", "x.xml", 2, "catalog.no_documents"),
        ("sound.csv", "x.txt", 2, "server.setup"),
        ("sound.csv", "there.json", 2, "--force"),
        ("sound.csv", "nowhere/x.json", 2, "cannot write"),
        (
            "wrong.csv",
            "x.json",
            1,
            "error[convert.template]: sheet '3. Ашық деректерін қалыптастыру шаблоны'",
        ),
        ("wrong.csv", "x.json", 1, "wrong.csv, row 8, field A (v)"),
        ("control.json", "x.xml", 1, "control.json, row 2, field ә"),
        ("other.json", "x.xml", 1, "error[convert.document]: found the member 'total'"),
        ("none.json", "x.xml", 1, "error[convert.document]: line 1, column 12"),
    ] {
        let (found, said) = refused(&[&at(from), &at(to)]);
        assert_eq!(found, Some(status), "{from} {to}: {said}");
        assert!(said.contains(complaint), "{from} {to}: {said}");
        assert!(to == "there.json" || !at(to).exists(), "{to}");
    }
    assert_eq!(refused(&[&at("sound.csv")]).0, Some(2), "FROM and TO");
    assert_eq!(std::fs::read(at("there.json")).unwrap(), b"{}");
    assert_eq!(refused(&[&at("sound.csv"), &at("there.json"), Path::new("--force")]).0, Some(0));
    assert_eq!(document(&at("there.json"))["data"], json!([{"v": 86}]));
    let names = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains(".part")));
}

#[test]
fn an_empty_template_is_written_in_either_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let write = |name: &str, language: &str| {
        let arguments: [PathBuf; 4] = ["--template".into(), file(name), "--lang".into(), language.into()];
        refused(&arguments.each_ref().map(PathBuf::as_path)).0
    };
    assert_eq!((write("kk.xlsx", "kk"), write("ru.xlsx", "ru")), (Some(0), Some(0)));
    assert_eq!(
        (write("kk.xlsx", "kk"), write("x.csv", "kk"), write("x.xlsx", "en")),
        (Some(2), Some(2), Some(2))
    );
    let [kazakh, russian] = ["kk.xlsx", "ru.xlsx"].map(|name| std::fs::read(file(name)).unwrap());
    assert_ne!(kazakh, russian);
    for template in [kazakh, russian] {
        assert_eq!(read_xlsx(template).unwrap(), json!({"meta": {}, "fields": {}, "data": []}));
    }
}

#[test]
fn json_and_xml_are_read_in_other_encodings() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = "\u{feff}{\"meta\": {\"nameKk\": \"Дәріханалар\"}, \"data\": []}";
    std::fs::write(at("utf16.json"), text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
        .unwrap();
    std::fs::write(at("utf8.json"), text).unwrap();
    let xml =
        "<?xml version=\"1.0\" encoding=\"windows-1251\"?><d><meta><nameKk>Аптеки</nameKk></meta><data/></d>";
    std::fs::write(at("windows.xml"), encoding_rs::WINDOWS_1251.encode(xml).0).unwrap();
    for (from, name) in
        [("utf16.json", "Дәріханалар"), ("utf8.json", "Дәріханалар"), ("windows.xml", "Аптеки")]
    {
        let to = at(&format!("{from}.json"));
        converted(&at(from), &to);
        assert_eq!(document(&to)["meta"], json!({"nameKk": name}), "{from}");
    }
}

#[test]
fn a_template_is_published_and_its_own_bytes_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    for (name, media_type) in [
        ("regions.csv", "text/csv; charset=utf-8"),
        ("regions.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ] {
        let file = folder.path().join(name);
        converted(&crate::fixtures().join("regions.json"), &file);
        let bytes = std::fs::read(&file).unwrap();
        let site = Site::of_catalog(&crate::catalog(&[&file]));
        assert_eq!(site.get("/datasets/regions/rows/71?select=nameKk").json()["nameKk"], "Астана қаласы");
        let served = site.get("/datasets/regions/document");
        assert_eq!((served.header("content-type"), &served.body), (Some(media_type), &bytes));
        let loaded = derek(&[Path::new("load"), &file, Path::new("--store"), &store]);
        assert!(loaded.status.success(), "{}", said(&loaded.stderr));
        let ending = name.trim_start_matches("regions");
        let stored = find(&store, &format!("document{ending}.zst"));
        let packed = std::fs::read(stored.expect("the document is kept")).unwrap();
        assert_eq!(zstd::decode_all(packed.as_slice()).unwrap(), bytes, "{name}");
    }
    let csv_alone = tempfile::tempdir().unwrap();
    std::fs::write(csv_alone.path().join("a.csv"), csv("86")).unwrap();
    let searched = derek(&[Path::new("check"), csv_alone.path()]);
    assert_eq!(searched.status.code(), Some(2), "a folder is not searched for them: {searched:?}");
    let wrong = csv_alone.path().join("wrong.csv");
    std::fs::write(&wrong, "id,name\n1,x\n").unwrap();
    let refused = derek(&[Path::new("check"), &wrong]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused.stdout).contains("refused [convert.template]"), "{}", said(&refused.stdout));
}

/// The file of a name in a folder or the folders in it.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("it can be read").map(|it| it.expect("it is there").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let file = files.into_iter().find(|path| path.ends_with(name));
    file.or_else(|| folders.iter().find_map(|folder| find(folder, name)))
}
