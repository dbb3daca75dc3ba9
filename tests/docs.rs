//! What the README says, held against the code and against what the program answers.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use derek::catalog::{ENDINGS, SystemTables, TABULAR_ENDINGS};
use derek::document::Rule;
use derek::error::Code;
use derek::query::{AGGREGATES, FUNCTIONS, QueryLimits, Question, TextLimits, WINDOWS};
use derek::serve::{ConnectionLimits, ROUTES, Route, router};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::{app, catalog, fixtures, queries};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first cells of the table under a heading of the README, without their back-ticks.
fn table(heading: &str) -> Vec<String> {
    let readme = read("README.md");
    let section = readme.split(&format!("\n## {heading}\n")).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.map(str::to_owned).collect()
}

/// The commands of the README's console blocks, each with the output that is shown for it.
fn console() -> Vec<(String, String)> {
    let readme = read("README.md");
    let blocks =
        readme.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((command, output))) if output.is_empty() && line.starts_with("    ") => {
                command.extend(["\n", line]);
            }
            (None, Some((_, output))) => output.extend([line, "\n"]),
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    commands
}

#[test]
fn every_route_is_listed() {
    assert_eq!(table("Routes"), ROUTES.iter().map(Route::title).collect::<Vec<_>>());
}

#[test]
fn every_command_is_listed_and_there() {
    let commands: Vec<String> =
        table("Commands").iter().filter_map(|it| it.split(' ').nth(1).map(str::to_owned)).collect();
    assert_eq!(
        commands,
        [
            "serve", "load", "sql", "sql", "list", "show", "check", "passport", "report", "convert",
            "assess", "assess", "assess", "token", "backup", "verify"
        ]
    );
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_derek")).arg("--help").output().expect("it starts");
    let help = String::from_utf8(help.stdout).expect("help is UTF-8");
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is no command:\n{help}");
    }
}

#[test]
fn every_option_has_an_environment_variable() {
    for command in [
        "serve",
        "load",
        "sql",
        "list",
        "show",
        "check",
        "passport",
        "report",
        "convert",
        "assess extract",
        "assess quality",
        "assess requests",
        "verify",
    ] {
        let help = std::process::Command::new(env!("CARGO_BIN_EXE_derek"))
            .args(command.split(' ').chain(["--help"]))
            .output()
            .expect("it starts");
        let help = String::from_utf8(help.stdout).expect("help is UTF-8");
        let options = help.split("Options:").nth(1).expect("there are options").split("\n      --").skip(1);
        for option in options.filter(|option| !option.trim_start().starts_with("-h")) {
            let name: String = option
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
                .collect();
            let option = option.split_whitespace().collect::<Vec<_>>().join(" ");
            let variable = format!("[env: DEREK_{}=", name.to_uppercase().replace('-', "_"));
            assert!(option.contains(&variable), "{command} --{name} has no {variable}]");
        }
    }
}

#[test]
fn every_command_of_the_shell_is_listed() {
    let mut shell = std::process::Command::new(env!("CARGO_BIN_EXE_derek"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["sql", "fixtures/regions.json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = shell.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut input, b"\\?").expect("it reads");
    drop(input);
    let help = String::from_utf8(shell.wait_with_output().expect("it ends").stdout).expect("help is UTF-8");
    let commands: Vec<&str> =
        help.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).collect();
    // A bar inside a cell of a table has a backslash before it.
    let listed: Vec<String> = table("The shell").iter().map(|it| it.replace("\\|", "|")).collect();
    assert_eq!(commands, listed);
}

#[test]
fn every_spatial_function_is_listed_with_what_it_does() {
    let listed = read("README.md");
    let all = FUNCTIONS.iter().map(|it| (it.name, it.about, it.example));
    let all = all.chain(AGGREGATES.iter().map(|it| (it.name, it.about, it.example)));
    let all: Vec<_> = all.chain(WINDOWS.iter().map(|it| (it.name, it.about, it.example))).collect();
    assert_eq!(table("SQL"), all.iter().map(|(name, ..)| (*name).to_owned()).collect::<Vec<_>>());
    for (name, about, example) in all {
        let row = format!("| `{name}` | {about} `{example}` |");
        assert!(listed.contains(&row), "{row}");
    }
}

#[test]
fn every_example_of_a_spatial_function_works() {
    let queries = queries(&catalog(&[fixtures()]));
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let examples = FUNCTIONS.iter().map(|it| it.example).chain(AGGREGATES.iter().map(|it| it.example));
    for example in examples.chain(WINDOWS.iter().map(|it| it.example)) {
        let sql =
            if example.starts_with("SELECT") { example.to_owned() } else { format!("SELECT {example}") };
        let sql = sql
            .replace("pharmacies p", "astana_pharmacies p")
            .replace("FROM pharmacies", "FROM astana_pharmacies");
        let sql = sql.replace("schools s", "cities s");
        let answer = runtime.block_on(async {
            let mut rows = queries.query(Question::new(sql.clone())).await?;
            rows.next().await
        });
        let rows = answer.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(rows.is_some_and(|rows| rows.num_rows() > 0), "{sql}");
    }
}

#[test]
fn every_folder_of_the_map_is_there() {
    for folder in table("Where to find what") {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder).is_dir(), "{folder}");
    }
}

#[test]
fn limits_endings_and_system_tables_are_those_of_the_code() {
    let readme = read("README.md").replace('\n', " ");
    let limits = TextLimits::default();
    assert_eq!(
        (limits.max_sql_bytes, limits.max_tokens, limits.max_operators, limits.max_depth),
        (65_536, 20_000, 1_000, 48)
    );
    for text in ["65,536 bytes", "20,000 words and signs", "1,000 operators", "48 brackets", "64 tables"] {
        assert!(readme.contains(text), "{text}");
    }
    assert_eq!(limits.max_tables, 64);
    let queries = QueryLimits::for_machine(10 << 30, 2);
    assert_eq!((queries.timeout.as_secs(), queries.memory_bytes, queries.max_rows), (30, 4 << 30, 1_000_000));
    let doors = ConnectionLimits::default();
    for (limit, text) in [
        (doors.header_timeout, "headers have 10 s"),
        (doors.body_timeout, "its body 30 s"),
        (doors.write_timeout, "nothing of its answer for 30 s"),
        (doors.idle_timeout, "closed after 60 s"),
    ] {
        assert!(readme.contains(text) && text.ends_with(&format!(" {} s", limit.as_secs())), "{text}");
    }
    assert!(doors.max_connections == 1024 && readme.contains("1,024 connections"));
    for ending in ENDINGS.iter().chain(&TABULAR_ENDINGS) {
        assert!(readme.contains(&format!("`{ending}`")), "{ending}");
    }
    let tables = SystemTables::NAMES.map(|name| format!("`{name}`")).join(", ");
    assert!(readme.contains(&tables), "{tables}");
}

#[test]
fn codes_are_dotted_unique_and_of_their_layer() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    codes.extend(rules);
    for code in &codes {
        let is_plain = code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_');
        assert!(is_plain && (code.contains('.') || *code == "internal"), "{code}");
    }
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "a code stands for one thing");
}

#[test]
fn the_set_up_is_two_commands_and_the_gate_runs_the_second() {
    let commands: Vec<String> = console().into_iter().map(|(command, _)| command).collect();
    assert_eq!(commands[..2], ["cargo run --release -- serve fixtures", "cargo test"]);
    assert!(read(".ci/run").lines().any(|line| line == commands[1]));
}

#[test]
fn the_readmes_answers_are_what_the_program_answers() {
    let router = router(app(queries(&catalog(&[fixtures()]))));
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let curls: Vec<_> = console().into_iter().filter(|(command, _)| command.starts_with("curl")).collect();
    assert_eq!(curls.len(), 7);
    for (command, shown) in curls {
        let quoted = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
        let (address, body) =
            command.trim_start_matches("curl ").split_once(" -d ").unwrap_or((&command["curl ".len()..], ""));
        let uri = quoted(address).replace("http://127.0.0.1:8080", "");
        let method = if body.is_empty() { "GET" } else { "POST" };
        let request =
            Request::builder().method(method).uri(uri).body(Body::from(quoted(body))).expect("it is one");
        let answer = runtime.block_on(async {
            let response = router.clone().oneshot(request).await.expect("a router answers everything");
            response.into_body().collect().await.expect("the body is whole").to_bytes()
        });
        let answer = String::from_utf8(answer.to_vec()).expect("answers are UTF-8");
        let without_time = |text: &str| text.split("\"elapsed_ms\":").next().unwrap_or_default().to_owned();
        assert_eq!(without_time(&answer), without_time(&shown), "{command}");
    }
}

#[test]
fn the_readmes_reports_are_what_the_program_prints() {
    let reports: Vec<_> =
        console().into_iter().filter(|(command, _)| command.starts_with("derek check ")).collect();
    assert_eq!(reports.len(), 1);
    for (command, shown) in reports {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_derek"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(command.split(' ').skip(1))
            .output()
            .expect("it starts");
        assert_eq!(String::from_utf8(output.stdout).expect("output is UTF-8"), shown, "{command}");
    }
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let fixtures_readme = read("fixtures/README.md");
    for entry in std::fs::read_dir(fixtures()).expect("it is there") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        assert!(name == "README.md" || fixtures_readme.contains(&name), "{name} has no origin and licence");
    }
}
