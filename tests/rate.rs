//! How often one client may ask.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use chrono::Utc;
use derek::assess::NamedQueries;
use derek::catalog::{Access, Catalog, LoadOptions, Permission, Store, Token};
use derek::serve::{App, router};

use crate::site::{Answer, Site};
use crate::{catalog, fixtures, queries};

/// The routes over a catalog, where a client may ask so many times a second.
fn limited(catalog: &Arc<Catalog>, requests_per_second: u32) -> Site {
    let named = NamedQueries::open(None).expect("the built-in queries are sound");
    let app = App::limited(queries(catalog), named, NonZeroU32::new(requests_per_second));
    Site::of_router(router(app))
}

fn ask(site: &Site, from: &str, path: &str, token: Option<&str>) -> Answer {
    let from: SocketAddr = format!("{from}:4711").parse().expect("it is an address");
    let request = Request::get(path).extension(ConnectInfo(from));
    let request = token
        .into_iter()
        .fold(request, |request, token| request.header("authorization", format!("Bearer {token}")));
    site.send(request.body(Body::empty()).expect("it is a request"))
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let site = limited(&catalog(&[fixtures()]), 5);
    let path = "/datasets/regions/rows/71";
    let first = ask(&site, "10.0.0.1", path, None);
    let left = |answer: &Answer| {
        ["limit", "remaining", "reset"].map(|it| answer.header(&format!("ratelimit-{it}")).map(str::to_owned))
    };
    assert_eq!((first.status, left(&first)), (200, ["5", "4", "1"].map(|it| Some(it.to_owned()))));
    let refused = (0..20).map(|_| ask(&site, "10.0.0.1", path, None)).find(|answer| answer.status != 200);
    let refused = refused.expect("it asks too often");
    assert_eq!(refused.error(), (429, "request.rate_limited".to_owned()));
    assert_eq!(
        (refused.header("retry-after"), refused.header("ratelimit-remaining")),
        (Some("1"), Some("0"))
    );
    assert!(refused.json()["error"]["hint"].as_str().is_some_and(|hint| hint.contains("wait 1 s")));
    // Others are not held up, and what watches over the server always gets an answer.
    assert_eq!(ask(&site, "10.0.0.2", path, None).status, 200);
    assert!((0..20).all(|_| ask(&site, "10.0.0.1", "/health", None).status == 200));
    std::thread::sleep(std::time::Duration::from_millis(450));
    assert_eq!(ask(&site, "10.0.0.1", path, None).status, 200, "time gives requests back");
}

#[test]
fn the_addresses_of_one_network_are_one_client_and_a_token_is_another() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = Arc::new(Store::open(folder.path(), Access::Write).expect("it can be made"));
    let token = Token {
        name: "statistics".to_owned(),
        can: vec![Permission::All],
        created_at: Utc::now(),
        expires_at: None,
        revoked_at: None,
    };
    let secret = store.create_token(&token, [7; 32]).expect("it can be kept");
    let catalog = Arc::new(Catalog::new(&[], LoadOptions::default()).with_store(store));
    let site = limited(&catalog, 3);
    let statuses = |addresses: &[&str], token: Option<&str>| {
        let asked = addresses.iter().cycle().take(8).map(|from| ask(&site, from, "/datasets", token).status);
        asked.filter(|status| *status == 429).count()
    };
    assert!(statuses(&["[2001:db8::1]", "[2001:db8::2:3]"], None) >= 4, "one network");
    assert_eq!(ask(&site, "[2001:db8:0:1::1]", "/datasets", None).status, 200, "another one");
    assert!(statuses(&["10.0.0.1", "[::ffff:10.0.0.1]"], None) >= 4, "one address, written in two ways");
    assert!(statuses(&["10.1.0.1", "10.1.0.2", "10.1.0.3"], Some(&secret)) >= 4, "one token");
    assert!(statuses(&["10.2.0.1"], Some("derek_wrong")) >= 4, "what is no token is counted by its address");
    assert_eq!(ask(&site, "10.3.0.1", "/datasets", Some("derek_wrong")).status, 200);
}
