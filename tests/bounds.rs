//! Queries that ask for more than there is: each ends with an error that says why, none ends the
//! process, and what nobody waits for stops.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use derek::encode::Format;
use derek::query::{QueryService, Question};

use crate::{catalog, fixtures, queries};

/// Queries in this process.
struct Engine {
    queries: QueryService,
    runtime: tokio::runtime::Runtime,
}

impl Engine {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self { queries: queries(&catalog(&[fixtures()])), runtime }
    }

    /// The rows as CSV without its header, or the code of the error.
    fn ask(&self, sql: &str) -> String {
        let answer = self.runtime.block_on(async {
            let mut rows = self.queries.query(Question::new(sql)).await?;
            let (mut encoder, mut out) = (Format::Csv.encoder(None), Vec::new());
            encoder.start(&rows.schema, &mut Vec::new()).expect("every column can be written");
            while let Some(batch) = rows.next().await? {
                encoder.batch(&batch, &mut out).expect("every column can be written");
            }
            Ok::<_, derek::error::Error>(String::from_utf8(out).expect("it is UTF-8"))
        });
        answer.map_or_else(|error| error.code.to_string(), |text| text.trim_end().to_owned())
    }

    fn check(&self, cases: &[(&str, &str)]) {
        let wrong: Vec<String> = cases
            .iter()
            .map(|(sql, expected)| (sql, *expected, self.ask(sql)))
            .filter(|(_, expected, found)| found != expected)
            .map(|(sql, expected, found)| format!("{sql}\n  expected {expected}, found {found:.200}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// `SELECT e AS x` of itself, `levels` times.
fn nested(expression: &str, levels: usize, first: &str) -> String {
    let steps: Vec<String> = (1..=levels)
        .map(|level| format!("t{level} AS (SELECT {expression} AS x FROM t{})", level - 1))
        .collect();
    format!("WITH t0 AS ({first}), {} SELECT x FROM t{levels}", steps.join(", "))
}

#[test]
fn a_function_that_would_make_too_much_is_an_error() {
    let rows = "FROM generate_series(1, 10000)";
    let cases = [
        "SELECT repeat('a', 2000000000)".to_owned(),
        format!("SELECT repeat('a', 100000 + value) {rows}"),
        format!("SELECT repeat('a', 1000000), value {rows}"),
        "SELECT lpad('a', 2000000000)".to_owned(),
        format!("SELECT rpad('қ', 100000 + value, 'ә') {rows}"),
        "SELECT replace(repeat('a', 60000), 'a', repeat('b', 60000))".to_owned(),
        format!("SELECT regexp_replace(repeat('a', 9000 + value), 'a', repeat('b', 60000), 'g') {rows}"),
        format!("SELECT to_char(now(), repeat('%A', 30000 + value)) {rows}"),
        "SELECT list_repeat('aaaaaaaa', 1000000000)".to_owned(),
        "SELECT array_repeat([1, 2], 1000000000)".to_owned(),
        "SELECT array_resize([1], 1000000000)".to_owned(),
        "SELECT list_resize(['a'], 1000000000, 'b')".to_owned(),
        "SELECT range(1, 1000000000)".to_owned(),
        "SELECT generate_series(9223372036854775807, -9223372036854775807, -1)".to_owned(),
        "SELECT unnest(range(1, 1000000000))".to_owned(),
        "SELECT range(TIMESTAMP '2000-01-01', TIMESTAMP '2020-01-01', INTERVAL '1 millisecond')".to_owned(),
        "SELECT array_to_string(range(1, 100000), repeat('a', 60000))".to_owned(),
        "SELECT list_replace_all(array_repeat(1, 100000), 1, 2), list_replace_all(array_repeat('a', 60000), 'a', repeat('b', 60000))".to_owned(),
        "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))".to_owned(),
        "SELECT arrow_cast(NULL, 'FixedSizeBinary(2000000000)')".to_owned(),
        format!("SELECT CAST(NULL AS INT[1000000000]) {rows}"),
        format!("SELECT count(*) {rows} WHERE regexp_like('aaa', '(a{{1,300}}b){{9}}' || value)"),
        format!("SELECT count(*) {rows} WHERE 'aaa' ~ ('(a{{1,300}}b){{9}}' || value)"),
        format!("SELECT regexp_count('aaa', '(a{{1,300}}b){{9}}' || value) {rows}"),
        format!("SELECT (SELECT string_agg('aaaaaaaaaa', ',') FROM generate_series(1, 100000)) || value {rows}"),
    ];
    let cases: Vec<_> = cases.iter().map(|sql| (sql.as_str(), "query.memory")).collect();
    Engine::new().check(&cases);
}

#[test]
fn what_doubles_at_every_step_is_stopped() {
    let engine = Engine::new();
    for (expression, first) in [
        ("x || x", "SELECT 'abcdefgh' AS x"),
        ("x || x", "SELECT name AS x FROM astana_pharmacies"),
        ("concat(x, x)", "SELECT name AS x FROM astana_pharmacies"),
        ("concat_ws('-', x, x)", "SELECT name AS x FROM astana_pharmacies"),
        ("overlay(x PLACING x FROM 1 FOR 0)", "SELECT name AS x FROM astana_pharmacies"),
        ("array_concat(x, x)", "SELECT [id] AS x FROM regions"),
        ("x || x", "SELECT [id] AS x FROM regions"),
        ("[x, x]", "SELECT id AS x FROM regions"),
        ("struct(x, x)", "SELECT id AS x FROM regions"),
        ("{a: x, b: x}", "SELECT id AS x FROM regions"),
        ("map([1, 2], [x, x])", "SELECT id AS x FROM regions"),
    ] {
        let found = engine.ask(&nested(expression, 40, first));
        assert_eq!(found, "query.memory", "{expression} of {first}");
    }
    assert_eq!(engine.ask(&nested("x + x", 40, "SELECT 1 AS x")), (1_u64 << 40).to_string());
}

#[test]
fn a_series_that_stands_still_and_a_list_for_every_row_are_refused() {
    Engine::new().check(&[
        ("SELECT range(DATE '2020-01-01', DATE '2030-01-01', INTERVAL '1 month -31 days')", "query.failed"),
        (
            "SELECT generate_series(TIMESTAMP '2020-01-01', TIMESTAMP '2021-01-01', INTERVAL '1 month -28 days')",
            "query.failed",
        ),
        (
            "SELECT array_agg(value) OVER (ORDER BY value) FROM generate_series(1, 1000000)",
            "query.invalid",
        ),
    ]);
}

#[test]
fn bounded_functions_answer_as_they_did() {
    Engine::new().check(&[
        ("SELECT repeat('ab', 3), repeat('ab', -1), repeat(NULL, 3)", "ababab,,"),
        ("SELECT lpad('a', 3, 'xy'), rpad('a', 3), lpad('abc', 2)", "xya,a  ,ab"),
        ("SELECT replace('aXa', 'a', 'bc'), overlay('abcd' PLACING 'XY' FROM 2)", "bcXbc,aXYd"),
        ("SELECT regexp_replace('foobar', 'o+', '<$0>', 'g'), 'ab' ~ 'B', 'ab' ~* 'B'", "f<oo>bar,false,true"),
        ("SELECT count(*) FROM regions WHERE nameRu ~ ('^' || left(nameRu, 2))", "20"),
        ("SELECT 'a' || NULL, 'a' || 1, length(nameRu || nameRu) / length(nameRu) FROM regions WHERE id = 71", ",a1,2"),
        ("SELECT array_length(range(1, 10)), array_length(list_repeat(7, 4)), array_sum(generate_series(1, 4))", "9,4,10.0"),
        ("SELECT range(DATE '2020-01-01', DATE '2020-03-01', INTERVAL '1 month')[2]", "2020-02-01"),
        ("SELECT array_to_string([1, 2, NULL], '-', 'x'), array_to_string(string_to_array('a,b', ','), '')", "1-2-x,ab"),
        ("SELECT {a: 1, b: 'x'}['b'], struct(1, 2)['c1'], MAP {'k': 5}['k']", "x,2,5"),
        ("SELECT length(repeat('a', 1000000))", "1000000"),
        ("SELECT count(u) FROM (SELECT unnest(range(1, value)) AS u FROM generate_series(1, 1000))", "499500"),
        // At worst 130 MB, but nothing is replaced: done in parts.
        (
            "SELECT sum(length(regexp_replace(t, 'x', '----', 'g'))), sum(length(replace(t, 'x', '-----'))) \
             FROM (SELECT lpad(CAST(value AS VARCHAR), 4000, 'a') AS t FROM generate_series(1, 8192))",
            "32768000,32768000",
        ),
    ]);
}

/// A server of its own, whose processor time is nobody else's; killed when it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(timeout_s: &str, memory_mb: &str) -> Self {
        use std::io::{BufRead, BufReader};
        let mut child = Command::new(env!("CARGO_BIN_EXE_derek"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["serve", "--listen", "127.0.0.1:0", "--memory-mb", memory_mb, "--spill-mb", "1000"])
            .args(["--query-timeout-s", timeout_s, "fixtures"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let address = lines
            .map(|line| line.expect("output is UTF-8"))
            .find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned()))
            .expect("it says where it listens");
        Self { child, address }
    }

    fn send(&self, sql: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let head = "POST /sql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{sql}", sql.len()).expect("it reads");
        stream
    }

    fn ask(&self, sql: &str) -> String {
        let mut answer = Vec::new();
        self.send(sql).read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The milliseconds of processor time so far, of threads that have ended too, in steps of 10.
    fn processor_ms(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it runs");
        let (_, fields) = stat.rsplit_once(") ").expect("the name is in brackets");
        let ticks = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
        10 * ticks.sum::<u64>()
    }

    /// The milliseconds of processor time from now until there is none for a fifth of a second, or two seconds of it.
    fn until_idle_ms(&self) -> u64 {
        let (start, mut last, mut since) = (self.processor_ms(), self.processor_ms(), Instant::now());
        while since.elapsed() < Duration::from_millis(200) && last - start < 2_000 {
            std::thread::sleep(Duration::from_millis(20));
            let now = self.processor_ms();
            if now > last {
                (last, since) = (now, Instant::now());
            }
        }
        last - start
    }
}

const SERIES: &str = "generate_series(1, 1000000)";

/// Queries that run for minutes or for ever.
fn endless() -> Vec<String> {
    let halves = format!("(SELECT value AS v, value % 2 AS k FROM {SERIES})");
    let points =
        "(SELECT ST_Point(value % 359 - 179, value % 1777 / 10.0 - 88) AS p FROM generate_series(1, 30000))";
    let boxes = "(SELECT ST_MakeEnvelope(-170, -80, value, 80) AS g FROM generate_series(1, 60))";
    vec![
        format!("SELECT count(*) FROM {SERIES} a, {SERIES} b"),
        format!("SELECT count(*) FROM {SERIES} a JOIN {SERIES} b ON a.value + b.value < 0"),
        format!("SELECT count(*) FROM {SERIES} a JOIN {SERIES} b ON a.value < b.value"),
        format!("SELECT count(*) FROM {halves} a JOIN {halves} b ON a.k = b.k AND a.v + b.v < 0"),
        "SELECT count(*) FROM generate_series(1, 1000000000000) WHERE value < 0".to_owned(),
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT count(*) FROM r".to_owned(),
        format!("SELECT count(*) FROM (SELECT unnest(range(0, value % 500)) FROM {SERIES})"),
        "SELECT count(DISTINCT value % 1000) FROM generate_series(1, 1000000000000)".to_owned(),
        format!("SELECT count(*) FROM {points} a JOIN {points} b ON ST_DWithin(a.p, b.p, 3000000)"),
        format!("SELECT count(*) FROM {points} a JOIN {points} b ON ST_KNN(a.p, b.p, 900)"),
        format!("SELECT count(*) FROM {points} a JOIN {boxes} b ON ST_Within(a.p, b.g)"),
        format!(
            "SELECT count(*) FROM (SELECT ST_MakeEnvelope(value / 9000.0, 1, value / 8000.0, 9) AS g FROM {SERIES}) WHERE ST_Distance(g, 'LINESTRING(-9 20, -20 -50)') < 5"
        ),
    ]
}

#[test]
fn a_query_whose_client_left_stops() {
    let server = Server::start("60", "256");
    for sql in endless() {
        let before = server.processor_ms();
        let client = server.send(&sql);
        let start = Instant::now();
        while server.processor_ms() - before < 200 {
            assert!(start.elapsed() < Duration::from_secs(10), "{sql} does not run");
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(client);
        let spent = server.until_idle_ms();
        assert!(spent < 200, "{sql} ran on for {spent} ms");
    }
}

#[test]
fn a_query_over_its_time_is_answered_and_stops() {
    let server = Server::start("1", "256");
    for sql in &endless()[..4] {
        let start = Instant::now();
        let answer = server.ask(sql);
        let (took, spent) = (start.elapsed(), server.until_idle_ms());
        assert!(answer.contains("HTTP/1.1 504") && answer.contains("query.timeout"), "{sql}: {answer}");
        // Twice what is promised: other tests run at the same time.
        assert!(took < Duration::from_secs(2), "{sql} took {took:?}");
        assert!(spent < 200, "{sql} ran on for {spent} ms");
    }
}

#[test]
fn what_does_not_fit_in_memory_ends_with_an_error_or_an_answer() {
    let server = Server::start("30", "64");
    let rows = "generate_series(1, 5000000)";
    for (sql, expected) in [
        (format!("SELECT count(*) FROM {rows} a JOIN {rows} b ON a.value = b.value"), "query.memory"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r, generate_series(1, 2)) SELECT count(*) FROM r".to_owned(), "query.memory"),
        ("SELECT length(string_agg('aaaaaaaaaaaaaaaaaaaa', ',')) FROM generate_series(1, 5000000)".to_owned(), "query.memory"),
        (format!("SELECT sum(s) AS n FROM (SELECT row_number() OVER (ORDER BY value) AS s FROM {SERIES})"), "500000500000"),
        ("SELECT count(*) AS n FROM generate_series(1, 100000000)".to_owned(), "100000000"),
    ] {
        let answer = server.ask(&sql);
        assert!(answer.contains(expected), "{sql}: {answer:.500}");
    }
    let ids: Vec<String> = (0..9_000).map(|id| id.to_string()).collect();
    let answer = server.ask(&format!("SELECT count(*) AS n FROM regions WHERE id IN ({})", ids.join(",")));
    assert!(answer.contains("{\"n\":20}"), "{answer}");
}
