//! The door: clients that are slow, many, rude or idle, on real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use derek::query::{QueryLimits, QueryService};
use derek::serve::{ConnectionCounts, ConnectionLimits, router, serve_router};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{app, catalog, fixtures};

const SHORT: Duration = Duration::from_millis(400);
/// Within which all that is to happen in a `SHORT` time has happened, on a busy machine.
const SOON: Duration = Duration::from_secs(8);

/// A server on a free port.
struct Door {
    address: SocketAddr,
    counts: Arc<ConnectionCounts>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    runtime: tokio::runtime::Runtime,
}

impl Door {
    fn open(router: Router, limits: ConnectionLimits) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        let listener =
            runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let counts = Arc::<ConnectionCounts>::default();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let serving = runtime.spawn(serve_router(listener, router, limits, Arc::clone(&counts), stopped));
        Self { address, counts, stop: Some(stop), serving, runtime }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(SOON)).expect("it can be set");
        Client { stream: BufReader::new(stream) }
    }

    /// The status of `GET /` on a connection of its own.
    fn status(&self) -> u16 {
        self.connect().ask("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").0
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&ConnectionCounts) -> bool) {
        let start = Instant::now();
        while !is_so(&self.counts) {
            assert!(start.elapsed() < SOON, "never {what}: {:?}", self.counts);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).expect("it is taken");
    }

    /// The status, head and body of the next answer.
    fn answer(&mut self) -> (u16, String, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.stream.read_line(&mut head).expect("an answer comes");
            assert!(read > 0, "the connection was closed after {head:?}");
        }
        let head = head.to_lowercase();
        let length =
            head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).expect("the body is whole");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head, String::from_utf8(body).expect("the body is UTF-8"))
    }

    fn ask(&mut self, text: &str) -> (u16, String, String) {
        self.send(text);
        self.answer()
    }

    /// What comes until the connection is closed or reset.
    fn rest(&mut self) -> Vec<u8> {
        let (mut rest, start) = (Vec::new(), Instant::now());
        let end = self.stream.read_to_end(&mut rest);
        assert!(start.elapsed() < SOON, "it was not closed: {end:?}");
        rest
    }
}

const ROOT: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Says who asks, sends a body back, sends without end, and takes its time.
fn echo() -> Router {
    let piece = || async { Some((Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 << 10])), ())) };
    Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
        .route("/", post(|body: Bytes| async move { body }))
        .route(
            "/endless",
            get(move || async move { Body::from_stream(futures::stream::unfold((), move |()| piece())) }),
        )
        .route(
            "/slow",
            get(async || {
                tokio::time::sleep(SHORT).await;
                "done"
            }),
        )
}

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        header_timeout: SHORT,
        body_timeout: SHORT,
        write_timeout: SHORT,
        idle_timeout: SHORT,
        max_connections: 64,
    }
}

#[test]
fn slow_headers_are_cut_while_others_are_answered() {
    let door = Door::open(echo(), ConnectionLimits { idle_timeout: SOON, ..limits() });
    let mut silent: Vec<Client> = (0..20).map(|_| door.connect()).collect();
    let mut slow: Vec<Client> = (0..20).map(|_| door.connect()).collect();
    for client in &mut slow {
        client.send("GET / HTTP/1.1\r\nhost: x\r\nx-a: ");
    }
    // Headers on a connection that is kept alive have their limit, too, and not that of an idle one.
    let mut second = door.connect();
    assert_eq!(second.ask(ROOT).0, 200);
    second.send("GET / HT");
    let mut other = door.connect();
    let start = Instant::now();
    while start.elapsed() < SHORT * 2 {
        assert_eq!(other.ask(ROOT).0, 200);
        // Every byte anew would hold the connection for ever, were the limit one on silence.
        for client in &mut slow {
            let _ = client.stream.get_mut().write_all(b"a");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    for client in silent.iter_mut().chain(&mut slow).chain([&mut second]) {
        assert_eq!(client.rest(), b"");
    }
    assert_eq!((door.counts.timed_out(), door.counts.open()), (41, 1));
}

#[test]
fn a_slow_body_is_told_so_and_cut() {
    let door = Door::open(echo(), limits());
    for head in
        ["content-length: 1000", "transfer-encoding: chunked", "expect: 100-continue\r\ncontent-length: 9"]
    {
        let mut client = door.connect();
        client.send(&format!("POST / HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n"));
        let mut writer = client.stream.get_ref().try_clone().expect("it can be");
        let dripping = std::thread::spawn(move || {
            while writer.write_all(b"1").is_ok() {
                std::thread::sleep(Duration::from_millis(60));
            }
        });
        let mut answer = client.answer();
        if answer.0 == 100 {
            answer = client.answer();
        }
        assert!(answer.0 == 408 && answer.2.contains("\"request.timeout\""), "{head}: {answer:?}");
        assert!(answer.1.contains("connection: close"), "{}", answer.1);
        assert_eq!(client.rest(), b"");
        client.stream.get_ref().shutdown(std::net::Shutdown::Both).expect("it can be");
        dripping.join().expect("it ends when the connection does");
    }
    assert_eq!(door.counts.timed_out(), 3);
    let body = "a".repeat(100_000);
    let echoed =
        door.connect().ask(&format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{body}"));
    assert_eq!((echoed.0, echoed.2), (200, body), "a body that comes is read");
}

#[test]
fn a_client_that_does_not_read_is_cut_and_its_query_ends() {
    let limits = ConnectionLimits { write_timeout: SHORT, ..ConnectionLimits::default() };
    let queries = QueryLimits { max_queries: 1, is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let queries = QueryService::new(catalog(&[fixtures()]), queries).expect("threads can be started");
    let door = Door::open(router(app(queries)), limits);
    let mut greedy = door.connect();
    let sql = "SELECT+repeat('q',200)+FROM+generate_series(1,1000000)";
    greedy.send(&format!("GET /sql?format=csv&q={sql} HTTP/1.1\r\nhost: x\r\n\r\n"));
    greedy.stream.fill_buf().expect("the answer has begun");
    let next = door.connect().ask("GET /sql?q=SELECT+1+AS+n HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(next.0 == 200 && next.2.contains("{\"n\":1}"), "the permit is free again: {next:?}");
    assert_eq!(door.counts.timed_out(), 1);
    // What was on its way ends in a reset, never as if it were whole.
    let mut sink = Vec::new();
    assert!(greedy.stream.read_to_end(&mut sink).is_err(), "{} bytes and a good end", sink.len());
}

#[test]
fn a_slow_reader_that_gets_on_is_not_cut() {
    let door = Door::open(echo(), limits());
    let mut client = door.connect();
    client.send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
    let (start, mut bytes) = (Instant::now(), vec![0; 1 << 20]);
    while start.elapsed() < SHORT * 5 {
        client.stream.read_exact(&mut bytes).expect("it goes on");
        std::thread::sleep(SHORT / 20);
    }
    assert_eq!((door.counts.timed_out(), door.counts.open()), (0, 1));
    drop(client);
    door.wait_until("noticed that the client left", |counts| counts.open() == 0);
}

#[test]
fn too_many_connections_are_refused_and_then_let_in_again() {
    let limits = ConnectionLimits { max_connections: 2, idle_timeout: SOON * 2, ..limits() };
    let door = Door::open(echo(), limits);
    let mut kept: Vec<Client> = (0..2).map(|_| door.connect()).collect();
    for client in &mut kept {
        assert_eq!(client.ask(ROOT).0, 200);
    }
    let mut third = door.connect();
    let (status, head, body) = third.ask(ROOT);
    assert!(status == 503 && head.contains("retry-after: 1\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(&body).expect("it is JSON");
    assert_eq!(body["error"]["code"], "server.busy");
    assert_eq!(third.rest(), b"");
    // A flood that neither asks nor reads: those beyond the polite refusals are closed at once.
    let mut flood: Vec<Client> = (0..200).map(|_| door.connect()).collect();
    assert_eq!(flood.pop().map(|mut client| client.rest().starts_with(b"HTTP/1.1 503 ")), Some(true));
    for client in &mut kept {
        assert_eq!(client.ask(ROOT).0, 200);
    }
    assert_eq!((door.counts.open(), door.counts.accepted(), door.counts.refused()), (2, 2, 201));
    kept.pop();
    door.wait_until("a place was free", |counts| counts.open() == 1);
    assert_eq!(door.status(), 200);
}

#[test]
fn connections_are_kept_alive_and_closed_when_idle() {
    let door = Door::open(echo(), limits());
    let mut client = door.connect();
    let peer = client.stream.get_ref().local_addr().expect("it is bound").to_string();
    for _ in 0..5 {
        assert_eq!(client.ask(ROOT).2, peer, "handlers see who asks");
        std::thread::sleep(SHORT / 4);
    }
    assert_eq!(client.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi").2, "hi");
    let start = Instant::now();
    assert_eq!(client.rest(), b"");
    assert!(start.elapsed() >= SHORT / 2, "it was kept for {:?}", start.elapsed());
    door.wait_until("all were closed", |counts| counts.open() == 0);
    assert_eq!((door.counts.accepted(), door.counts.timed_out()), (1, 0));
}

#[test]
fn an_answer_that_takes_its_time_is_not_cut() {
    let none = Duration::from_millis(50);
    let limits =
        ConnectionLimits { header_timeout: none, idle_timeout: none, write_timeout: none, ..limits() };
    let door = Door::open(echo(), limits);
    let answer = door.connect().ask("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!((answer.0, answer.2.as_str()), (200, "done"));
}

#[test]
fn a_stop_closes_idle_connections_and_ends_answers() {
    let mut door = Door::open(echo(), ConnectionLimits { idle_timeout: SOON * 2, ..limits() });
    let (mut idle, mut busy) = (door.connect(), door.connect());
    assert_eq!(idle.ask(ROOT).0, 200);
    busy.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    door.wait_until("both were let in", |counts| counts.open() == 2);
    std::thread::sleep(SHORT / 4);
    let start = Instant::now();
    door.stop.take().map(|stop| stop.send(()));
    assert_eq!(idle.rest(), b"");
    let (status, head, body) = busy.answer();
    assert_eq!((status, body.as_str()), (200, "done"));
    assert!(head.contains("connection: close"), "{head}");
    door.runtime.block_on(&mut door.serving).expect("it ends");
    assert!(start.elapsed() < Duration::from_secs(5), "before the grace is over");
    assert!(TcpStream::connect(door.address).is_err(), "nothing listens any more");
}

#[test]
fn what_is_no_request_is_told_so_and_closed() {
    let door = Door::open(echo(), limits());
    let long = "a".repeat(300 << 10);
    let many = "x-a: 1\r\n".repeat(200);
    for (request, status) in [
        ("\u{16}\u{3}\u{1} nonsense\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\nhost: x\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nx-a: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{many}\r\n"), 431),
        (format!("GET /{} HTTP/1.1\r\n\r\n", &long[..100_000]), 414),
    ] {
        let mut client = door.connect();
        let shown: String = request.chars().take(40).collect();
        client.send(&request);
        assert_eq!(client.answer().0, status, "{shown}");
        client.stream.get_ref().shutdown(std::net::Shutdown::Write).expect("it can be");
        assert_eq!(client.rest(), b"", "{shown}");
    }
    assert_eq!(door.status(), 200);
    assert_eq!(door.counts.timed_out(), 0);
}

#[test]
fn http_1_0_and_requests_sent_ahead_are_answered() {
    let door = Door::open(echo(), limits());
    let mut old = door.connect();
    assert_eq!(old.ask("GET / HTTP/1.0\r\n\r\n").0, 200);
    assert_eq!(old.rest(), b"", "HTTP/1.0 closes");
    let mut old = door.connect();
    for _ in 0..2 {
        let (status, head, _) = old.ask("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
        assert!(status == 200 && head.contains("connection: keep-alive"), "{head}");
    }
    let mut ahead = door.connect();
    let post = |n: usize| format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n{n:03}");
    ahead.send(&(0..100).map(post).collect::<String>());
    for n in 0..100 {
        assert_eq!(ahead.answer().2, format!("{n:03}"), "in their order");
    }
}

/// When files run out, connections wait, nothing spins, and when there are files again all goes on.
#[test]
fn a_server_without_files_waits_for_them() {
    let script =
        "ulimit -n 48; exec \"$0\" serve --header-timeout-s 1 --listen 127.0.0.1:0 fixtures/regions.json";
    let mut child = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_derek")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.split_once("http://").map(|(_, it)| it.to_owned()));
    let address: SocketAddr = address.expect("it says where it listens").parse().expect("an address");
    let is_alive = Arc::new(AtomicBool::new(true));
    let clients: Vec<_> = (0..80).filter_map(|_| TcpStream::connect(address).ok()).collect();
    assert_eq!(clients.len(), 80, "the system holds those that cannot be accepted");
    let mut last = clients.last().expect("there are some").try_clone().expect("it can be");
    last.set_read_timeout(Some(SOON)).expect("it can be set");
    let answered = last
        .write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .and_then(|()| last.read(&mut [0; 12]));
    let ticks = cpu_ticks(child.id());
    is_alive.store(matches!(child.try_wait(), Ok(None)), Ordering::Relaxed);
    let _ = child.kill();
    let _ = child.wait();
    assert!(is_alive.load(Ordering::Relaxed), "it ended");
    assert_eq!(answered.expect("the last is answered when the first were cut"), 12);
    assert!(ticks < 200, "{ticks} hundredths of a second of processor time");
}

/// Processor time that a process took, in hundredths of a second; 0 where the system does not tell.
fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}
