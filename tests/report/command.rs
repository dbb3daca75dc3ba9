//! `derek report`: the real program.

use std::fs;
use std::process::{Command, Output};

use super::page::require_sound;
use super::world::asked;

fn report(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("report").args(arguments);
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

#[test]
fn it_writes_one_file_that_needs_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("есеп.html");
    fs::write(&file, "the report of last month").expect("it can be written");
    let out = file.display().to_string();
    let arguments = ["fixtures", "--as-of", "2026-11-01", "--publisher", "«Ұлттық <АТ>» АҚ", "--out", &out];
    let output = report(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let html = fs::read_to_string(&file).expect("it is there");
    require_sound(&html);
    assert!(html.contains("<html lang=\"kk\">") && html.contains("<h1>Ашық деректер туралы есеп</h1>"));
    assert!(html.contains("2026 жылғы 1 қарашадағы жағдай · «Ұлттық &lt;АТ&gt;» АҚ"));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1, "nothing is left beside it");
    let russian = report(&["fixtures", "--as-of", "2026-11-01", "--lang", "ru"]);
    assert_eq!(russian.status.code(), Some(0), "{}", text(&russian.stderr));
    require_sound(text(&russian.stdout));
    assert!(text(&russian.stdout).contains("по состоянию на 1 ноября 2026 года"));
    let again = report(&["fixtures", "--as-of", "2026-11-01", "--lang", "ru"]);
    assert!(again.stdout == russian.stdout, "the same rows give the same bytes");
    let today = report(&["fixtures", "--lang", "en"]);
    assert!(text(&today.stdout).contains("<html lang=\"en\">"), "{}", text(&today.stderr));
}

#[test]
fn a_query_that_fails_is_told_and_the_others_are_shown() {
    let queries = asked(&[]);
    let folder = queries.path().display().to_string();
    let output = report(&["fixtures", "--as-of", "2026-11-01", "--lang", "kk", "--queries", &folder]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("error[query.unknown_column]") && said.contains("quality.sql:4:8"), "{said}");
    let html = text(&output.stdout);
    require_sound(html);
    // What is made of the failed ones fails, too.
    let told =
        html.split("role=\"alert\">Есептеу мүмкін болмады: ").nth(1).and_then(|rest| rest.split('.').next());
    assert!(
        told.is_some_and(|names| names.contains("Деректер сапасы")),
        "it is not taken for nothing: {told:?}"
    );
    let plain = html.replace('\u{a0}', " ");
    assert!(plain.contains("1 тақырып бойынша 7 өтінім: азаматтардан – 4, бизнестен – 3;"), "{plain}");
    assert!(html.contains("<td class=\"d\">01.11.2026</td>"), "the query was asked with the day");
}

#[test]
fn what_is_called_wrongly_is_told() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let out = folder.path().join("report.html").display().to_string();
    for day in ["2026-13-01", "01.11.2026", "2026-11-1", "2026-02-29", "қараша", ""] {
        let output = report(&["fixtures", "--as-of", day, "--out", &out]);
        assert_eq!(output.status.code(), Some(2), "{day}");
        let said = text(&output.stderr);
        assert!(
            said.contains("--as-of") && (day.is_empty() || said.contains("such as 2026-11-01")),
            "{said}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
    let nowhere = folder.path().join("жоқ/report.html").display().to_string();
    let output = report(&["fixtures", "--as-of", "2026-11-01", "--out", &nowhere]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot write"), "{}", text(&output.stderr));
    let taken = folder.path().display().to_string();
    assert_eq!(report(&["fixtures", "--as-of", "2026-11-01", "--out", &taken]).status.code(), Some(2));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0, "a folder stays what it is");
    for arguments in [&["fixtures", "--lang", "de"][..], &[], &["nowhere"]] {
        assert_eq!(report(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
