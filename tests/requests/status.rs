//! How a request stands, for who asked: as JSON, and as a page in two languages.

use serde_json::{Value, json};

use super::Office;

/// Days of the past, so that what is overdue stays so.
fn request(text: &str) -> Value {
    json!({
        "kind": "publish", "requester": "business", "text": text, "body": "ҚР Денсаулық сақтау министрлігі",
        "received_at": "2025-03-10T12:00:00+05:00", "topic": "дәріханалар",
    })
}

fn published(dataset: &str) -> Value {
    json!([
        {"event": "processed", "at": "2025-04-04T06:00:00Z"},
        {"event": "sent", "at": "2025-04-04T06:05:00Z"},
        {"event": "published", "at": "2025-05-06T06:00:00Z", "dataset": dataset, "version": 2},
        {"event": "notified", "at": "2025-05-06T07:00:00Z"},
    ])
}

fn refused() -> Value {
    json!([
        {"event": "sent", "at": "2025-04-04T06:00:00Z"},
        {"event": "refused", "at": "2025-04-11T06:00:00Z", "reason": "Заңның 11-бабының 16-тармағы <b>"},
    ])
}

#[test]
fn the_state_and_the_clocks_are_told() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let id = office.told(&request("Дәріханалар тізімі керек"), &published("pharmacies"));
    let answer = office.site.get(&format!("/requests/{id}"));
    let status = answer.json();
    assert_eq!((&status["id"], &status["state"]), (&json!(id), &json!("published")), "{status}");
    assert_eq!(status["text"], "Дәріханалар тізімі керек");
    let clock = |clock: &str, (due, done_at): (&str, &str), (is_met, days_left): (bool, i64)| json!({"clock": clock, "due": due, "done_at": done_at, "is_met": is_met, "days_left": days_left});
    let told: Vec<Value> = status["clocks"].as_array().expect("they are a list").clone();
    let short = told.iter().map(|it| {
        let members = ["clock", "due", "done_at", "is_met", "days_left"];
        members.iter().map(|name| ((*name).to_owned(), it[*name].clone())).collect::<serde_json::Map<_, _>>()
    });
    assert_eq!(
        short.map(Value::Object).collect::<Vec<_>>(),
        [
            clock("notification", ("2025-05-06", "2025-05-06T07:00:00Z"), (true, 0)),
            clock("processing", ("2025-04-05", "2025-04-04T06:00:00Z"), (true, 1)),
            // Sent on 4 April: 30 days are over on 4 May.
            clock("publication", ("2025-05-04", "2025-05-06T06:00:00Z"), (false, -2)),
        ]
    );
    let rule = |at: usize| ["allowed", "unit", "law_order", "paragraph"].map(|name| told[at][name].clone());
    assert_eq!(rule(0), [json!(0), json!("days"), json!("144/2021"), json!("10")], "at once");
    assert_eq!(rule(2), [json!(30), json!("days"), json!("144/2021"), json!("9, part 1")]);
    // Five working days from Friday 4 April end on Friday 11 April.
    let id = office.told(&request("Мектептер"), &refused());
    let status = office.site.get(&format!("/requests/{id}")).json();
    assert_eq!(status["state"], "refused");
    let names: Vec<_> = status["clocks"].as_array().into_iter().flatten().map(|it| &it["clock"]).collect();
    assert_eq!(names, ["notification", "processing", "refusal"], "{status}");
    assert_eq!(
        (&status["clocks"][2]["due"], &status["clocks"][2]["days_left"]),
        (&json!("2025-04-11"), &json!(0))
    );
    assert_eq!(
        (&status["clocks"][0]["done_at"], &status["clocks"][0]["is_met"]),
        (&Value::Null, &json!(false))
    );
    for (events, state) in [
        (json!([]), "received"),
        (json!([{"event": "processed", "at": "2025-04-04"}]), "processed"),
        (json!([{"event": "sent", "at": "2025-04-04"}, {"event": "processed", "at": "2025-04-05"}]), "sent"),
        // What was decided first stands.
        (
            json!([{"event": "refused", "at": "2025-04-04", "reason": "ә"}, {"event": "published", "at": "2025-04-05"}]),
            "refused",
        ),
    ] {
        let id = office.told(&request("сұрау"), &events);
        assert_eq!(office.site.get(&format!("/requests/{id}")).json()["state"], state);
    }
    // One that came this moment has its clock already.
    let mut fresh = request("сұрау");
    fresh.as_object_mut().expect("it is an object").remove("received_at");
    let id = office.told(&fresh, &json!([{"event": "processed"}]));
    let status = office.site.get(&format!("/requests/{id}")).json();
    assert_eq!(
        (&status["state"], &status["clocks"][0]["clock"]),
        (&json!("processed"), &json!("processing"))
    );
}

#[test]
fn the_page_says_what_was_asked_and_how_it_stands() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let id = office.told(&request("Дәріханалар тізімі керек"), &published("pharmacies"));
    let page = |id: &str, lang: &str| {
        let answer = office.site.get(&format!("/requests/{id}?format=html{lang}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        answer.text().to_owned()
    };
    let kazakh = page(&id, "");
    for part in [
        "<html lang=\"kk\">",
        "<meta name=\"robots\" content=\"noindex\"/>",
        "Дәріханалар тізімі керек",
        "ҚР Денсаулық сақтау министрлігі",
        "10.03.2025, 12:00 (UTC+5)",
        "Деректер жарияланды",
        "мерзімінде (соңғы күні 05.04.2025)",
        "2\u{a0}күн кешігіп орындалды (соңғы күні 04.05.2025)",
        "<a href=\"/datasets/pharmacies\">pharmacies</a>, 2-нұсқа",
        "144/2021 бұйрық, 8-тармақ: келесі айдың 5-күнінен кешіктірмей",
        "144/2021 бұйрық, 7–10-тармақтар",
        "<dt>7</dt>",
        "<dt>10</dt>",
        "?format=html&amp;lang=ru",
    ] {
        assert!(kazakh.contains(part), "{part}: {kazakh}");
    }
    assert_eq!(kazakh.matches("<li class=\"done\">").count(), 4, "{kazakh}");
    assert_eq!(kazakh.matches("<li class=\"late\">").count(), 1, "published late");
    assert!(!kazakh.contains("Мерзімі өткен қадам бар"), "all is done");
    let russian = page(&id, "&lang=ru");
    for part in [
        "<html lang=\"ru\">",
        "Данные опубликованы",
        "с опозданием: 2\u{a0}дня (последний день 04.05.2025)",
        "календарных дней со дня получения: 30",
        "юридическое лицо",
    ] {
        assert!(russian.contains(part), "{part}: {russian}");
    }
    for sign in ["http://", "https://", "<script", "src=", "url(", "@import", "<link", " onload", "<form"] {
        assert!(!kazakh.contains(sign) && !russian.contains(sign), "{sign}");
    }
    let waiting = office.told(&request("Мектептер"), &json!([]));
    let kazakh = page(&waiting, "&lang=kk");
    assert!(kazakh.contains("мерзімі өтті: соңғы күні 05.04.2025 болды"), "{kazakh}");
    assert!(
        kazakh.contains("Мерзімі өткен қадам бар") && kazakh.contains("алдыңғы қадамнан кейін"),
        "{kazakh}"
    );
    assert!(page(&waiting, "&lang=ru").contains("просрочено: последний день был 05.04.2025"));
    let refused = page(&office.told(&request("Жолдар"), &refused()), "&lang=ru");
    assert!(refused.contains("Отказано") && refused.contains("Основание отказа"), "{refused}");
    assert!(refused.contains("Заңның 11-бабының 16-тармағы &lt;b&gt;"), "{refused}");
}

/// The law knows grounds for a refusal, and none for a publication.
#[test]
fn a_publication_has_no_ground() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut explained = published("pharmacies");
    explained[2]["reason"] = json!("Тізім толықтырылды");
    let id = office.told(&request("Дәріханалар"), &explained);
    let grounds = [("kk", "Бас тарту негізі"), ("ru", "Основание отказа")];
    for (lang, ground) in grounds {
        let page = office.site.get(&format!("/requests/{id}?format=html&lang={lang}"));
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.text();
        assert!(page.contains("pharmacies") && !page.contains(ground), "{page}");
        assert!(!page.contains("Тізім толықтырылды"), "{page}");
    }
}

#[test]
fn what_strangers_write_is_a_text_and_nothing_else() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut hostile = request("<script>alert('ә')</script>\n& \"тырнақша\"");
    hostile["body"] = json!("\"><img src=x onerror=alert(1)>");
    hostile["topic"] = json!("</dd><style>*{display:none}</style>");
    hostile["dataset"] = json!("<svg onload=alert(1)>");
    hostile["id"] = json!("<i>ә");
    let id = office.told(&hostile, &published("a/b?\"><x onclick='1'>"));
    let page = office.site.get(&format!("/requests/{id}?format=html")).text().to_owned();
    for tag in ["<script", "<img", "<svg", "<x ", "<i>", "</dd><style"] {
        assert!(!page.contains(tag), "{tag}: {page}");
    }
    assert!(
        page.contains("&lt;script&gt;alert(&#39;ә&#39;)&lt;/script&gt;\n&amp; &quot;тырнақша&quot;"),
        "{page}"
    );
    assert!(page.contains("href=\"/datasets/a%2Fb%3F%22%3E%3Cx%20onclick%3D%271%27%3E\""), "{page}");
    assert_eq!(page.matches("<style>").count(), 1);
}

#[test]
fn a_browser_gets_the_page_and_a_program_json_and_nobody_keeps_either() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let id = office.told(&request("сұрау"), &json!([]));
    let address = format!("/requests/{id}");
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, kind) in [
        (browser, "text/html; charset=utf-8"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json;q=0.5, text/html;q=0.4", "application/json"),
        ("", "application/json"),
    ] {
        let answer = office.site.ask("GET", &address, &[("accept", accept)]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{accept}");
        for (name, value) in [
            ("cache-control", "private, no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{accept}");
        }
        assert_eq!(answer.header("etag"), None);
        assert!(answer.headers.get_all("vary").iter().any(|it| it == "accept, accept-language"), "{accept}");
    }
    let named = office.site.ask("GET", &format!("{address}?format=JSON"), &[("accept", browser)]);
    assert_eq!(named.header("content-type"), Some("application/json"), "format= goes first");
    assert_eq!(office.site.ask("GET", &address, &[("accept", "image/png")]).status, 406);
    let xml = office.site.get(&format!("{address}?format=xml"));
    assert_eq!(xml.error(), (406, "request.not_acceptable".to_owned()));
    assert!(xml.text().contains("html (text/html)"), "{}", xml.text());
    let english = office.site.get(&format!("{address}?lang=en"));
    assert!(english.status == 400 && english.text().contains("kk, ru"), "{}", english.text());
    let unknown = office.site.ask("GET", "/requests/none", &[("accept", browser)]);
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.text().contains("Мұндай өтінім жоқ") && !unknown.text().contains("none<"),
        "{}",
        unknown.text()
    );
    let program = office.site.get("/requests/none");
    assert_eq!(program.error(), (404, "catalog.unknown_object".to_owned()));
    // The language of the browser, unless the address says another.
    let russian = [("accept", browser), ("accept-language", "en-US,ru-RU;q=0.8,kk;q=0.5")];
    assert!(office.site.ask("GET", &address, &russian).text().contains("lang=\"ru\""));
    assert!(office.site.ask("GET", &format!("{address}?lang=kk"), &russian).text().contains("lang=\"kk\""));
}

/// Who reads the tables and the log sees no name that was made here.
#[test]
fn the_secret_name_is_told_nowhere() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let id = office.told(&request("сұрау"), &published("pharmacies"));
    let status = office.site.get(&format!("/requests/{id}")).json();
    let public = office.site.get("/queries/request_status?request=%231").rows();
    assert_eq!(public.len(), 3);
    for (row, clock) in public.iter().zip(status["clocks"].as_array().into_iter().flatten()) {
        assert_eq!(
            (&row["clock"], &row["due"], &row["state"]),
            (&clock["clock"], &clock["due"], &json!("published"))
        );
    }
    assert!(office.site.get(&format!("/queries/request_status?request={id}")).rows().is_empty());
    let log = office.site.sql("SELECT door, query FROM system.queries");
    assert!(log.iter().any(|row| row["door"] == "GET /queries/{name}"), "{log:?}");
    assert!(!log.iter().any(|row| row["door"] == "GET /requests/{id}"), "nobody asked for a table: {log:?}");
    assert!(!log.iter().any(|row| row["query"].as_str().is_some_and(|text| text.contains(&id))), "{log:?}");
    let plain = crate::site::Site::over_fixtures();
    assert_eq!(plain.get("/queries/request_status").field(), "request", "it must be given");
}
