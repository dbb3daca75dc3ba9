//! The real server is killed while several clients publish: what it acknowledged is there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use derek::catalog::{Access, Permission, Store, Token};

use crate::process::Server;

/// Kills of a server over one store.
const ROUNDS: usize = 40;

/// By dataset and version the document that was acknowledged.
type Acknowledged = BTreeMap<(String, u64), Vec<u8>>;

/// A document that no other one equals.
fn document(name: &str, rng: &mut fastrand::Rng) -> Vec<u8> {
    let rows: Vec<String> =
        (0..rng.u32(1..600)).map(|id| format!(r#"{{"id": {id}, "v": {}}}"#, rng.u32(..))).collect();
    let fields = r#"{"id": {"type": "Int", "pkey": true}, "v": {"type": "Int"}}"#;
    let text =
        format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {fields}, "data": [{}]}}"#, rows.join(","));
    text.into_bytes()
}

/// Publishes one version after the other until the server is gone.
fn publish(address: &str, token: &str, name: &str, seed: u64, stop: &AtomicBool) -> Acknowledged {
    let (mut rng, mut done) = (fastrand::Rng::with_seed(seed), Acknowledged::new());
    while !stop.load(Ordering::Relaxed) {
        let body = document(name, &mut rng);
        let request = ureq::put(format!("{address}/datasets/{name}"))
            .header("authorization", format!("Bearer {token}"));
        // A server that is killed answers nothing; one that lives must take it.
        let mut response = match request.send(body.as_slice()) {
            Ok(response) => response,
            Err(ureq::Error::StatusCode(status)) => panic!("{name} is answered {status}"),
            Err(_) => break,
        };
        let said: serde_json::Value = match response.body_mut().read_json() {
            Ok(said) => said,
            Err(_) => break,
        };
        done.insert((name.to_owned(), said["version"].as_u64().expect("it says which")), body);
    }
    done
}

fn require_all(store: &Path, acknowledged: &Acknowledged, round: usize) {
    let opened = Store::open(store, Access::Write).unwrap_or_else(|error| panic!("round {round}: {error}"));
    let damaged = opened.verify().expect("the ledger is sound");
    assert!(damaged.is_empty(), "round {round}: {damaged:?}");
    let records = opened.versions().expect("the ledger is sound");
    for ((name, version), document) in acknowledged {
        let record = records.iter().find(|it| it.dataset == *name && u64::from(it.version) == *version);
        let record = record.unwrap_or_else(|| panic!("round {round}: {name} v{version} is gone"));
        let packed = std::fs::read(opened.folder(record).join("document.json.zst")).expect("it is there");
        assert_eq!(zstd::decode_all(packed.as_slice()).expect("it is whole"), *document, "{name} v{version}");
    }
    let incoming = std::fs::read_dir(store.join("incoming")).expect("it is there");
    assert_eq!(incoming.count(), 0, "what was not finished is put away");
}

/// `DEREK_KILLS=1000 cargo test crash` kills more often than the gate has time for.
#[test]
fn what_a_killed_server_acknowledged_is_there_byte_for_byte() {
    let kills: usize = std::env::var("DEREK_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(6);
    // All versions are compared after each kill: a new store now and then keeps them few.
    let total: usize =
        (0..kills).step_by(ROUNDS).map(|first| kill_often(first..kills.min(first + ROUNDS))).sum();
    assert!(total > kills, "{total} publications were acknowledged before {kills} kills");
}

/// Kills a server over a store again and again; how many publications it had acknowledged.
fn kill_often(rounds: Range<usize>) -> usize {
    let store = tempfile::tempdir().expect("a folder can be made");
    let token = Token {
        name: "publisher".to_owned(),
        can: vec![Permission::All],
        created_at: Utc::now(),
        expires_at: None,
        revoked_at: None,
    };
    let opened = Store::open(store.path(), Access::Write).expect("it can be made");
    let token = opened.create_token(&token, [3; 32]).expect("it can be kept");
    drop(opened);
    let mut rng = fastrand::Rng::with_seed(rounds.start as u64 + 5);
    let (mut acknowledged, mut total) = (Acknowledged::new(), 0);
    for round in rounds {
        let server = Server::start(&["--store", &store.path().display().to_string()]);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..4)
                .map(|client| {
                    let (server, token, stop) = (&server, &token, &stop);
                    let seed = (round * 4 + client) as u64;
                    scope.spawn(move || publish(&server.address, token, &format!("d{client}"), seed, stop))
                })
                .collect();
            std::thread::sleep(Duration::from_millis(rng.u64(20..400)));
            server.signal("-KILL");
            stop.store(true, Ordering::Relaxed);
            for client in clients {
                acknowledged.extend(client.join().expect("a client does not fail"));
            }
        });
        drop(server);
        require_all(store.path(), &acknowledged, round);
        // What is known to be there need not be looked at again each time.
        if acknowledged.len() > 200 {
            total += acknowledged.len();
            acknowledged.clear();
        }
    }
    total + acknowledged.len()
}
