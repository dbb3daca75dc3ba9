//! `derek sql` with PATHs alone: scripts from standard input, whose statements and commands are those
//! of the shell.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs a script over the fixtures.
fn script(options: &[&str], script: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_derek"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["sql", "fixtures"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(script.as_bytes()).expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

/// The output of a script that does not fail.
fn output(options: &[&str], lines: &str) -> String {
    let output = script(options, lines);
    assert_eq!(output.status.code(), Some(0), "{lines}: {}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

#[test]
fn statements_end_with_a_semicolon_outside_quotes_and_comments() {
    for (lines, expected) in [
        ("", ""),
        (" ; ;\n-- nothing; here\n/* nor; here */;", ""),
        ("SELECT 1 AS a; SELECT 2 AS b;", "a\n1\nb\n2\n"),
        ("SELECT 1\n  AS a\n;", "a\n1\n"),
        ("SELECT 1 AS a", "a\n1\n"),
        ("SELECT ';' AS a, 'it''s;' AS b;", "a,b\n;,it's;\n"),
        ("SELECT 1 AS \"a;\"\"b\";", "\"a;\"\"b\"\n1\n"),
        ("SELECT 1 AS `a;b`;", "a;b\n1\n"),
        ("SELECT 1 -- one; two\n AS a; -- three;", "a\n1\n"),
        ("SELECT /* ; /* ; */ ; */ 1 AS a;", "a\n1\n"),
        ("SELECT $$a;'b$$ AS a;", "a\na;'b\n"),
        ("SELECT $т$a;$$;$т$ AS a;", "a\na;$$;\n"),
        ("SELECT E'it\\'s;' AS a;", "a\nit's;\n"),
        ("SELECT 'қала;' AS \"дерек;\"; SELECT 'Ә' AS ә;", "дерек;\nқала;\nә\nӘ\n"),
        ("\u{feff}SELECT 1 AS a;\r\nSELECT 2 AS b;\r\n", "a\n1\nb\n2\n"),
    ] {
        assert_eq!(output(&[], lines), expected, "{lines}");
    }
}

#[test]
fn a_script_stops_at_its_first_error_and_shows_the_line() {
    let output =
        script(&[], "SELECT 1 AS a;\nSELECT 'ә',\n  2;  SELECT nam\n FROM regions; SELECT 3 AS c;\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "a\n1\n\"Utf8(\"\"ә\"\")\",Int64(2)\nә,2\n");
    let lines: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(
        lines,
        [
            "error[query.unknown_column]: no column 'nam' in regions",
            "  at line 3, column 14",
            "      2;  SELECT nam",
            "                 ^",
            "  hint: did you mean 'nameKk'?"
        ]
    );
}

#[test]
fn what_does_not_end_is_an_error_with_its_place() {
    for (lines, place) in [
        ("SELECT 'open;\nSELECT 2;", "at line 1, column 8"),
        ("SELECT 1; /* open;", "query.syntax"),
        ("SELECT $a$ open;", "query.syntax"),
    ] {
        let output = script(&[], lines);
        assert_eq!(output.status.code(), Some(1), "{lines}");
        assert!(text(&output.stderr).contains(place), "{lines}: {}", text(&output.stderr));
    }
}

#[test]
fn commands_change_how_answers_are_shown() {
    let records = "\\format table\n\\x\nSELECT id, nameKk FROM regions WHERE id > 74 ORDER BY id;";
    let [first, second] = ["──[ 1 ]", "──[ 2 ]"].map(|heading| format!("{heading:─<40}"));
    let expected = format!(
        "{first}\n id     │ 75\n nameKk │ Алматы қаласы\n{second}\n id     │ 79\n nameKk │ Шымкент қаласы\n2 rows\n"
    );
    assert_eq!(output(&[], records), expected);
    let formats = "\\format JSON\n\\format csv;\nSELECT 1 AS a;\\x off\n\\timing off\n\\q\nSELECT 2;";
    assert_eq!(output(&[], formats), "a\n1\n");
    let timed = output(&["--format", "table"], "SELECT 1 AS a; \\timing\nSELECT 2 AS b;");
    assert!(timed.contains("1 row\n") && timed.contains("1 row in "), "{timed}");
}

#[test]
fn the_control_characters_of_a_document_do_not_reach_the_screen() {
    let cleared = output(&["--format", "table"], "SELECT E'a\\u001b[2Jb\\nc' AS t;");
    assert!(cleared.contains("│ a␛[2Jb␊c │"), "{cleared}");
    let cleared = output(&["--format", "table"], "\\x on\nSELECT E'a\\u001b[2Jb\\nc' AS t;");
    assert!(cleared.contains(" t │ a␛[2Jb\n   │ c\n"), "{cleared}");
}

#[test]
fn tables_and_columns_are_described() {
    let tables = output(&["--lang", "kk"], "\\d");
    assert!(tables.starts_with("table,rows,name\nastana_pharmacies,"), "{tables}");
    assert!(tables.contains("\nregions,20,Қазақстан Республикасының өңірлері\n"), "{tables}");
    assert!(tables.ends_with("\nsystem.versions,,\n"), "{tables}");
    let columns = output(&["--lang", "ru"], "\\d Regions\n");
    assert!(columns.starts_with("field,type,label,key,datapath\n"), "{columns}");
    assert!(columns.contains("\nnameKk,String,Название на казахском,,\n"), "{columns}");
    for system in ["\\d system.datasets", "\\d datasets"] {
        let columns = output(&[], system);
        assert!(columns.contains("\nname_kk,Utf8,"), "{columns}");
    }
    let unknown = script(&[], "\\d region\n");
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(
        text(&unknown.stderr),
        "error[query.unknown_table]: no table 'region'\n  hint: did you mean 'regions'?\n"
    );
}

#[test]
fn a_command_that_is_not_there_gets_the_nearest() {
    for (line, hint) in [
        ("\\tables", "\\? lists the commands"),
        ("\\timeing", "did you mean '\\timing'?"),
        ("\\dt", "did you mean '\\d'?"),
        ("\\format jsn", "did you mean 'json'?"),
        ("\\timing maybe", "there are on, off"),
    ] {
        let output = script(&[], line);
        assert_eq!(output.status.code(), Some(1), "{line}");
        let errors = text(&output.stderr);
        assert!(errors.starts_with("error[shell.command]: ") && errors.contains(hint), "{line}: {errors}");
    }
}

#[test]
fn the_last_word_is_sql_unless_a_file_is_called_so() {
    let derek = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_derek"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    };
    let nothing = derek(&["sql", "fixtures/regions.json", "fixtures/cities.json"]);
    assert_eq!((nothing.status.code(), text(&nothing.stdout)), (Some(0), ""));
    let one = derek(&["sql", "fixtures/regions.json", "SELECT count(*) AS n FROM regions"]);
    assert_eq!(text(&one.stdout), "n\n20\n");
    let mistyped = derek(&["sql", "fixture"]);
    assert_eq!(mistyped.status.code(), Some(1));
    assert!(text(&mistyped.stderr).contains("no file or folder is called 'fixture'"));
}
