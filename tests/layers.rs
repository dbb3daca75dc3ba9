//! The architecture that `src/lib.rs` states, held.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file of `src`, with the layer it belongs to: the first part of its path.
fn sources() -> Vec<(String, PathBuf)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    let layer = |path: &Path| {
        let first =
            path.strip_prefix(root().join("src")).ok()?.components().next()?.as_os_str().to_str()?.to_owned();
        Some(first.trim_end_matches(".rs").to_owned())
    };
    found.into_iter().map(|path| (layer(&path).expect("it is in src"), path)).collect()
}

/// The import order, from the one line of `lib.rs` that states it.
fn order() -> Vec<String> {
    let text = read(&root().join("src/lib.rs"));
    let line =
        text.lines().find_map(|line| line.strip_prefix("//! Import order: ")).expect("lib.rs states it");
    line.trim_matches('`').split(" < ").map(str::to_owned).collect()
}

#[test]
fn a_module_uses_only_what_stands_left_of_it() {
    let order = order();
    let place = |layer: &str| order.iter().position(|known| known == layer);
    for (layer, path) in sources().into_iter().filter(|(layer, _)| !matches!(layer.as_str(), "lib" | "main"))
    {
        let own = place(&layer).unwrap_or_else(|| panic!("lib.rs does not name the layer {layer}"));
        for (number, line) in
            read(&path).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for used in line.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                let is_left = place(&used).is_some_and(|used| used <= own);
                assert!(is_left, "{}:{}: {layer} uses {used}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn crates_stay_behind_their_fences() {
    for (name, layers) in [
        ("geo::", &["geo"][..]),
        ("rstar", &["geo"]),
        ("h3o", &["geo"]),
        ("geohash", &["geo"]),
        ("prost", &["encode"]),
        ("csv::", &["document", "convert", "encode", "catalog", "assess"]),
        ("calamine", &["convert", "assess"]),
        ("datafusion", &["query", "assess"]),
        ("axum", &["serve"]),
        ("hyper", &["serve"]),
        ("hyper_util", &["serve"]),
        ("tower", &["serve"]),
        ("tower_http", &["serve"]),
        ("clap", &["cli"]),
        ("rustyline", &["cli"]),
        ("rusqlite", &["catalog"]),
        ("quick_xml", &["document", "convert"]),
        ("rust_xlsxwriter", &["convert"]),
        ("zip", &["convert"]),
    ] {
        for (layer, path) in sources().into_iter().filter(|(layer, _)| !layers.contains(&layer.as_str())) {
            for (number, line) in
                read(&path).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
            {
                let is_used = line.trim_start().starts_with(&format!("use {name}"))
                    || line.contains(&format!(" {name}::"));
                assert!(!is_used, "{}:{}: {layer} uses {name}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn files_are_short_and_modules_are_nouns() {
    for (_, path) in sources() {
        let lines = read(&path).lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
        let name = path.file_stem().and_then(|name| name.to_str()).expect("it has a name");
        let is_vague =
            ["utils", "util", "helpers", "helper", "common", "misc", "types", "manager"].contains(&name);
        assert!(!is_vague, "{}: {name} says nothing", path.display());
    }
    assert!(read(&root().join("src/lib.rs")).lines().count() <= 100);
}
