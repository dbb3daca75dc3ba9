//! The real program: arguments in, output and exit status out; a server that is started and stopped.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn derek() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    derek().args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

#[test]
fn sql_prints_a_table_json_and_csv() {
    let csv = run(&["sql", "fixtures", "SELECT nameKk, id FROM regions WHERE id > 70 ORDER BY id"]);
    assert!(csv.status.success());
    assert_eq!(text(&csv.stdout), "nameKk,id\nАстана қаласы,71\nАлматы қаласы,75\nШымкент қаласы,79\n");
    let cut = run(&["sql", "--max-rows", "3", "--format", "csv", "fixtures", "SELECT id FROM regions"]);
    assert_eq!((cut.status.code(), text(&cut.stdout)), (Some(1), "id\n10\n11\n15\n"));
    assert!(text(&cut.stderr).contains("query.truncated"), "{}", text(&cut.stderr));
    let cast =
        run(&["sql", "--format", "json", "fixtures", "SELECT CAST(id AS VARCHAR) AS c FROM regions LIMIT 1"]);
    assert!(text(&cast.stdout).contains(r#"{"name":"c","type":"String""#), "{}", text(&cast.stdout));
    let table =
        run(&["sql", "--format", "table", "fixtures/regions.json", "SELECT count(*) AS n FROM regions"]);
    assert!(text(&table.stdout).contains("│ 20 │"), "{}", text(&table.stdout));
    let json =
        run(&["sql", "--format", "json", "fixtures/regions.json", "SELECT count(*) AS n FROM regions"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    assert_eq!(json["rows"][0]["n"], 20);
}

#[test]
fn the_exit_status_says_whose_fault_it_is() {
    for (arguments, status) in [
        (vec!["check", "fixtures"], 0),
        (vec!["list", "fixtures"], 0),
        (vec!["show", "regions", "fixtures"], 0),
        (vec!["show", "region", "fixtures"], 1),
        (vec!["sql", "fixtures", "SELECT nam FROM regions"], 1),
        (vec!["sql", "nowhere", "SELECT 1"], 2),
        (vec!["check", "Cargo.toml"], 1),
        (vec!["serve"], 2),
        (vec!["serve", "--listen", "nonsense", "fixtures"], 2),
        (vec!["frobnicate"], 2),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        assert!(status == 0 || status == 1 || !output.stderr.is_empty(), "{arguments:?} says why");
    }
    let error = run(&["sql", "fixtures", "SELECT nam FROM regions"]);
    let lines: Vec<&str> = text(&error.stderr).lines().collect();
    assert_eq!(
        lines,
        [
            "error[query.unknown_column]: no column 'nam' in regions",
            "  at line 1, column 8",
            "  hint: did you mean 'nameKk'?"
        ]
    );
}

#[test]
fn check_names_the_file_line_column_and_byte_of_a_fault() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("broken.json");
    std::fs::write(&file, "{\"data\": [{\"id\": 1},\n {\"id\": 2},, {\"id\": 3}]}")
        .expect("it can be written");
    let output = run(&["check", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("({}:2:12, byte 32)", file.display());
    assert!(text(&output.stdout).contains(&expected), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("expected a value, found ', {\"id\": 3}]}'"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn check_shows_findings_with_examples() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("findings.json");
    let text_of = r#"{"meta":{"apiUri":"f"},"fields":{"id":{"type":"Int","pkey":true},"n":{"type":"Int"}},"data":[{"id":7,"n":"86,4%"}]}"#;
    std::fs::write(&file, text_of).expect("it can be written");
    let output = run(&["check", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains(
            "  error value.not_an_int n: 1\n    expected a whole number of at most 64 bits (order 144/2021"
        ),
        "{}",
        text(&output.stdout)
    );
    assert!(text(&output.stdout).contains("    - row 1, key 7, found \"86,4%\""), "{}", text(&output.stdout));
}

/// A server on a free port; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    screen: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub(crate) fn start(paths: &[&str]) -> Self {
        let child = derek()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(paths)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut server = Self { child, address: String::new(), screen: String::new() };
        let mut lines = BufReader::new(server.child.stdout.take().expect("it is piped")).lines();
        while server.address.is_empty() {
            let line = lines.next().expect("it says where it listens").expect("output is UTF-8");
            if let Some((_, address)) = line.split_once("listening on ") {
                address.clone_into(&mut server.address);
            }
            server.screen.extend([line.as_str(), "\n"]);
        }
        server
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let mut response = ureq::get(format!("{}{path}", self.address)).call().expect("it answers");
        response.body_mut().read_json().expect("it is JSON")
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill is there").success());
    }

    /// The exit status, which must come within `patience`.
    fn exit(&mut self, patience: Duration) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is a child") {
                return status.code();
            }
            assert!(start.elapsed() < patience, "it still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn serve_prints_one_screen_answers_and_stops_gracefully() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("broken.json"), "{\"data\": [}").expect("it can be written");
    let broken = folder.path().display().to_string();
    let mut server = Server::start(&["fixtures", &broken]);
    assert!(server.screen.contains("astana_pharmacies"), "{}", server.screen);
    assert!(server.screen.contains("refused [document.syntax]"), "{}", server.screen);
    assert_eq!(server.get("/ready")["datasets"], 6, "a bad document does not stop the others");
    assert_eq!(server.get("/sql?q=SELECT+count(*)+AS+n+FROM+cities")["rows"][0]["n"], 293);
    server.signal("-INT");
    assert_eq!(server.exit(Duration::from_secs(5)), Some(0));
}

#[test]
fn an_answer_that_is_being_sent_is_ended_before_the_server_stops() {
    let mut server = Server::start(&["fixtures"]);
    let url = format!(
        "{}/sql?format=csv&q=SELECT+value,+repeat('q',100)+AS+t+FROM+generate_series(1,300000)",
        server.address
    );
    let mut response = ureq::get(url).call().expect("it answers");
    let mut reader = response.body_mut().as_reader();
    let mut start = [0; 10];
    reader.read_exact(&mut start).expect("it is on its way");
    server.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).expect("the answer is whole");
    // The header's line was in the first bytes.
    assert_eq!(memchr::memchr_iter(b'\n', &rest).count(), 300_000);
    assert_eq!(server.exit(Duration::from_secs(11)), Some(0));
}
