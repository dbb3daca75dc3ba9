//! The monthly report: its figures, its wording, and that it is one sound file.

mod command;
mod page;
mod route;
mod tables;
mod world;

use std::fs;
use std::path::PathBuf;

use derek::assess::report::{Cell, Report, Table};
use derek::encode::Language;
use page::{drawing, require_sound, texts};
use world::{BODIES, DEADLINES, DEMAND, FRESHNESS, MONTHS, NEXT, PLAN, QUALITY, many, report, small, table};

const LANGUAGES: [Language; 3] = [Language::Kazakh, Language::Russian, Language::English];
const NBSP: &str = "\u{a0}";

fn html(language: Language, tables: Vec<Table>) -> String {
    report(language, tables).to_html()
}

/// What a reader sees with plain spaces instead of those that do not break.
fn plain(report: &Report) -> String {
    report.to_html().replace(NBSP, " ")
}

#[test]
fn the_small_world_is_as_it_was_judged_by_eye() {
    for language in [Language::Russian, Language::Kazakh] {
        let html = small(language).to_html();
        require_sound(&html);
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/report");
        let file = folder.join(format!("report-{}.html", language.code()));
        if std::env::var_os("WRITE_GOLDEN").is_some() {
            fs::write(&file, &html).expect("it can be written");
        }
        let golden = fs::read_to_string(&file).expect("it is there");
        let differs = html.lines().zip(golden.lines()).find(|(now, before)| now != before);
        assert_eq!(differs, None, "WRITE_GOLDEN=1 writes what is to be judged anew");
        assert_eq!(html.len(), golden.len());
    }
}

#[test]
fn sentences_are_made_of_the_numbers() {
    // Requests: 7 + 3 + 1 = 11; citizens 4 + 3 = 7; businesses 3; two needed. By month: 2 + 3 + 6 = 11,
    // published 1 + 2 + 5 = 8, refused 0 + 1 + 1 = 2. Overdue: 1 + 3 = 4 at two of three bodies. Within 90 days of
    // 1 November (to 30 January): 15 January and 15 November. Missed: 17 and 245 days. Plans: 2 + 3 = 5, 3, 2.
    let russian = plain(&small(Language::Russian));
    for sentence in [
        "11 запросов по 3 темам: от граждан – 7, от бизнеса – 3; нужных тем – 2; чаще всего запрашивали «Дәріханалардың жұмыс кестесі» (7).",
        "11 запросов за 3 месяца: опубликовано – 8, отказано – 2; самый загруженный месяц – октябрь 2026 (6).",
        "Просроченных запросов – 4, у 2 органов (всего органов – 3); больше всего – «Астана қаласының әкімдігі» (3).",
        "В ближайшие 90 дней – 2 срока, ближайший – 15.11.2026; пропущенных сроков – 2, наибольшее опоздание – 245 дней.",
        "4 набора: актуальных – 1, к обновлению – 1, просроченных – 1, ни разу не опубликованных – 1.",
        "По планам опубликовано 3 из 5, в том числе в срок – 2.",
        "3 набора: медиана качества – 64 из 100, ниже 50 – 1; самый низкий балл – «expertise» (38).",
        "К публикации – 2 темы; в первую очередь – «Сот сараптамасы» (88).",
        "по состоянию на 1 ноября 2026 года",
    ] {
        assert!(russian.contains(sentence), "{sentence}");
    }
    let kazakh = plain(&small(Language::Kazakh));
    for sentence in [
        "3 тақырып бойынша 11 өтінім: азаматтардан – 7, бизнестен – 3; қажетті тақырыптар – 2;",
        "Алдағы 90 күн ішінде – 2 мерзім, ең жақыны – 15.11.2026; өткізіп алынған мерзімдер – 2, ең ұзақ кешігу – 245 күн.",
        "4 жиынтық: өзекті – 1, жаңарту мерзімі келген – 1, мерзімі өткен – 1, еш жарияланбаған – 1.",
        "2026 жылғы 1 қарашадағы жағдай",
    ] {
        assert!(kazakh.contains(sentence), "{sentence}");
    }
    assert!(
        plain(&small(Language::English))
            .contains("11 requests on 3 subjects: 7 from citizens, 3 from businesses")
    );
}

#[test]
fn tiles_add_up() {
    // Open 1 + 1238 + 1; in time: (0.75 · 8 + 0.5 · 2) / 10 = 0.7; the median of 91.5, 64 and 38 is 64.
    let html = plain(&small(Language::Russian));
    let figures: Vec<&str> = html.split("<dd>").skip(1).filter_map(|part| part.split('<').next()).collect();
    assert_eq!(figures, ["3", "1 240", "4", "70 %", "64"]);
    let none = html_of_nothing(Language::English);
    assert_eq!(none.matches("<dd>–</dd>").count(), 5);
}

fn html_of_nothing(language: Language) -> String {
    html(language, Vec::new())
}

#[test]
fn sections_stand_in_their_order() {
    let html = small(Language::Russian).to_html();
    let ids = ["summary", "demand", "months", "overdue", "deadlines", "freshness", "quality", "next"];
    let places = ids.map(|id| html.find(&format!("<section id=\"{id}\"")).expect("it is there"));
    assert!(places.is_sorted());
    let mut turned = small(Language::Russian);
    turned.tables.reverse();
    assert_eq!(turned.to_html(), html, "the order of the tables does not matter");
}

#[test]
fn russian_counts_have_three_forms() {
    let cases = [
        (1, "1 запрос по 1 теме:", "1 набор:"),
        (2, "2 запроса по 2 темам:", "2 набора:"),
        (5, "5 запросов по 5 темам:", "5 наборов:"),
        (11, "11 запросов по 11 темам:", "11 наборов:"),
        (12, "12 запросов по 12 темам:", "12 наборов:"),
        (21, "21 запрос по 21 теме:", "21 набор:"),
        (24, "24 запроса по 24 темам:", "24 набора:"),
        (111, "111 запросов по 111 темам:", "111 наборов:"),
        (122, "122 запроса по 122 темам:", "122 набора:"),
        (1001, "1 001 запрос по 1 001 теме:", "1 001 набор:"),
    ];
    for (many, requests, datasets) in cases {
        let demand = table("demand", "subject requests#", &vec!["Тақырып | 1"; many]);
        let quality = table("quality", "dataset score#", &vec!["a | 50"; many]);
        let html = plain(&report(Language::Russian, vec![demand, quality]));
        assert!(html.contains(&format!("<p class=\"seen\">{requests}")), "{requests}");
        assert!(html.contains(&format!("<p class=\"seen\">{datasets}")), "{datasets}");
    }
    // A fraction takes the genitive singular.
    let bodies = table("bodies", "body median_days#days", &["Әкімдік | 12.5"]);
    assert!(plain(&report(Language::Russian, vec![bodies])).contains("<title>Әкімдік: 12,5 дня</title>"));
}

#[test]
fn tables_show_every_value_as_the_language_writes_it() {
    let values = table(
        "odd",
        "a b# c d",
        &["Ә | 1234567.5 | yes | 2026-03-09", "- | -1234 | no | -", "- | -0.0 | - | -"],
    );
    let rows = |language| {
        let html = html(language, vec![values.clone()]);
        let body = html.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).expect("rows");
        body.replace(" class=\"n\"", "").replace(" class=\"d\"", "").replace(NBSP, "_").replace('\n', "")
    };
    let cells = |cells: [&str; 4]| format!("<tr><td>{}</td></tr>", cells.join("</td><td>"));
    let last = cells(["–", "0,0", "–", "–"]);
    let russian =
        [cells(["Ә", "1_234_567,5", "да", "09.03.2026"]), cells(["–", "−1_234", "нет", "–"]), last.clone()];
    assert_eq!(rows(Language::Russian), russian.concat());
    let kazakh = [cells(["Ә", "1_234_567,5", "иә", "09.03.2026"]), cells(["–", "−1_234", "жоқ", "–"]), last];
    assert_eq!(rows(Language::Kazakh), kazakh.concat());
    let english = [
        cells(["Ә", "1,234,567.5", "yes", "2026-03-09"]),
        cells(["–", "−1,234", "no", "–"]),
        cells(["–", "0.0", "–", "–"]),
    ];
    assert_eq!(rows(Language::English), english.concat());
}

#[test]
fn a_change_has_its_sign() {
    let rows = ["а | 91.5 | 3.0", "ә | 64.0 | -2.5", "б | 50.0 | 0.0", "в | 10.0 | -"];
    let quality = table("quality", "dataset score# change#points", &rows);
    for (language, heading, cells) in [
        (Language::Kazakh, "Бір айдағы өзгеріс, балл", ["+3,0", "−2,5", "0,0", "–"]),
        (Language::Russian, "Изменение за месяц, баллов", ["+3,0", "−2,5", "0,0", "–"]),
        (Language::English, "Change in a month, points", ["+3.0", "−2.5", "0.0", "–"]),
    ] {
        let html = html(language, vec![quality.clone()]);
        require_sound(&html);
        assert!(html.contains(heading), "{heading}");
        let body = html.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).expect("rows");
        let last =
            body.split("</tr>").filter_map(|row| row.rsplit("<td class=\"n\">").next()?.split('<').next());
        assert_eq!(last.filter(|cell| !cell.trim().is_empty()).collect::<Vec<_>>(), cells, "{body}");
    }
}

#[test]
fn a_share_is_shown_in_per_cent() {
    let html = small(Language::Russian).to_html();
    assert!(html.contains("<th scope=\"col\" class=\"n\">Доля в срок, %</th>"));
    assert!(html.contains("<td class=\"n\">75</td>") && !html.contains("0,75"));
}

#[test]
fn everything_is_escaped() {
    let nasty = "</style><script>alert('&\"')</script>\u{0}\u{b}\u{ffff}Ә";
    let escaped =
        "&lt;/style&gt;&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;\u{fffd}\u{fffd}\u{fffd}Ә";
    for language in LANGUAGES {
        let mut report = small(language);
        report.publisher = Some(nasty.to_owned());
        for table in &mut report.tables {
            let texts = table.rows.iter_mut().flatten().filter(|cell| matches!(cell, Cell::Text(_)));
            texts.for_each(|cell| *cell = Cell::Text(nasty.to_owned()));
            table.columns.iter_mut().for_each(|column| column.unit = Some(nasty.to_owned()));
        }
        let mut odd = table("odd", "a", &["-"]);
        odd.columns[0].name = nasty.to_owned();
        report.tables.push(odd);
        let html = report.to_html();
        require_sound(&html);
        assert!(html.contains(escaped) && !html.contains("<script"));
    }
}

#[test]
fn a_table_without_rows_gives_a_sentence_and_no_chart() {
    let names = [
        "demand",
        "requests_by_month",
        "bodies",
        "deadlines",
        "freshness",
        "plan_coverage",
        "quality",
        "publish_next",
    ];
    for language in LANGUAGES {
        let nothing = html_of_nothing(language);
        let empty = html(language, names.iter().map(|name| table(name, "subject", &[])).collect());
        assert_eq!(empty, nothing, "without rows and not there are the same");
        require_sound(&nothing);
        assert_eq!(nothing.matches("<p class=\"empty\">").count(), 7);
        assert!(!nothing.contains("role=\"img\"") && !nothing.contains("<table"));
    }
    assert!(html_of_nothing(Language::Russian).contains("Ни один набор не оценён."));
}

#[test]
fn what_could_not_be_counted_is_named_at_the_top() {
    for (language, sentence) in [
        (Language::Kazakh, "Есептеу мүмкін болмады: Деректер сапасы; Ұсыну мерзімдері."),
        (Language::Russian, "Не удалось посчитать: Качество данных; Сроки представления."),
        (Language::English, "Could not be counted: Quality; Deadlines."),
    ] {
        let mut report = small(language);
        assert!(!report.to_html().contains("role=\"alert\""));
        report.tables.retain(|table| !["quality", "deadlines"].contains(&table.name));
        report.unanswered = vec!["quality", "deadlines"];
        let html = report.to_html();
        require_sound(&html);
        let main = html.split("<main>").nth(1).expect("it has content");
        assert!(main.starts_with(&format!("<p class=\"seen\" role=\"alert\">{sentence}")), "{language:?}");
    }
}

#[test]
fn rows_without_numbers_draw_nothing_broken() {
    let dashes = |name, columns: &str| {
        let row = vec!["-"; columns.split(' ').count()].join("|");
        table(name, columns, &[&row, &row])
    };
    let mut tables = vec![
        dashes("demand", DEMAND),
        dashes("bodies", BODIES),
        dashes("requests_by_month", MONTHS),
        dashes("deadlines", DEADLINES),
        dashes("freshness", FRESHNESS),
        dashes("plan_coverage", PLAN),
        dashes("quality", QUALITY),
        dashes("publish_next", NEXT),
    ];
    for language in LANGUAGES {
        require_sound(&html(language, tables.clone()));
    }
    // Rows shorter than the table, numbers that are none, and negative ones.
    for (at, table) in tables.iter_mut().enumerate() {
        let number = [f64::NAN, f64::INFINITY, -5.0, 1e300][at % 4];
        let columns = table.columns.len();
        table.rows = vec![vec![Cell::Number(number, 1); columns - 1], vec![]];
    }
    let html = html(Language::Kazakh, tables);
    require_sound(&html);
    assert!(!html.contains("NaN") && !html.contains("inf"), "no coordinate is broken");
}

#[test]
fn ticks_stand_at_round_numbers() {
    let ticks = |largest: &str| {
        let rows = [format!("Ә | {largest}")];
        let demand = table("demand", "subject requests#", &[rows[0].as_str()]);
        let html = html(Language::Russian, vec![demand]);
        texts(drawing(&html, "demand-chart"), "tick mid").join(" / ")
    };
    assert_eq!(ticks("1"), "0 / 1");
    assert_eq!(ticks("7"), "0 / 2 / 4 / 6 / 8");
    assert_eq!(ticks("12"), "0 / 5 / 10 / 15");
    assert_eq!(ticks("100"), "0 / 20 / 40 / 60 / 80 / 100");
    assert_eq!(ticks("1234"), "0 / 500 / 1 000 / 1 500");
}

#[test]
fn parts_of_a_bar_are_as_long_as_their_numbers() {
    // The axis ends at 8: 4 citizens are 50 %, 3 businesses follow with 37.5 %. Of the third, 1 of no kind.
    let html = small(Language::Russian).to_html();
    let chart = drawing(&html, "demand-chart");
    assert!(chart.contains(r#"<rect class="cool" x="0%" y="17" width="50%" height="10"/>"#), "{chart}");
    assert!(chart.contains(r#"<rect class="warm" x="50%" y="17" width="37.5%" height="10"/>"#));
    assert!(chart.contains(r#"<rect class="none" x="0%" y="77" width="12.5%" height="10"/>"#));
    assert_eq!(texts(chart, "label marked"), ["◆ Дәріханалардың жұмыс кестесі", "◆ Ремонт дорог"]);
    // The limit of 30 days of the rules, on an axis that ends at 50.
    assert!(drawing(&html, "overdue-days").contains(r#"<line class="limit" x1="60%" x2="60%""#));
}

#[test]
fn due_dates_stand_at_their_days() {
    // Day 0 is 90 days before the day of the report, day 180 as many after; both ends keep 1 % free.
    // 15 October is day 73: 1 + 73 / 180 · 98 = 40.74; 15 November 104: 57.62; 15 January 165: 90.83.
    let html = small(Language::Russian).to_html();
    let chart = drawing(&html, "deadlines-chart");
    for (class, x) in [("late", "40.74%"), ("cool", "57.62%"), ("cool", "90.83%")] {
        assert!(chart.contains(&format!(r#"<line class="pin {class}" x1="{x}" x2="{x}""#)), "{class} {x}");
    }
    assert_eq!(chart.matches("class=\"pin").count(), 3);
    assert!(chart.contains(">← 1</text>"), "1 March is older than 90 days");
}

#[test]
fn ninety_days_are_counted_with_their_last_one() {
    // 1 November and 90 days is 30 January. The state decides what is missed; without one the days late do.
    let rows = [
        "a | 2026-10-01 | 2026-11-01 | 0 | met",
        "б | 2026-10-01 | 2027-01-30 | 31 | met_late",
        "в | 2026-08-03 | 2027-01-31 | 90 | overdue",
        "г | 2026-08-02 | - | 91 | -",
        "ғ | - | - | - | waits",
    ];
    let deadlines = table("deadlines", "name last_due next_due days_late#days state", &rows);
    let html = plain(&report(Language::English, vec![deadlines]));
    let sentence =
        "The next 90 days have 2 due dates, the first on 2026-11-01; missed: 2, the longest by 91 days.";
    assert!(html.contains(sentence), "{html}");
    let chart = drawing(&html, "deadlines-chart");
    for x in ["pin cool\" x1=\"50%", "pin cool\" x1=\"99%", "pin late\" x1=\"1%", ">← 1<"] {
        assert!(chart.contains(x), "{x}");
    }
    assert_eq!(chart.matches("class=\"pin").count(), 3);
}

#[test]
fn quality_is_counted_by_tens_and_coloured_by_parts() {
    let mut report = small(Language::Russian);
    let scores = ["0", "9.9", "10", "100", "90"].map(|score| format!("a | {score}"));
    report.tables = vec![table("quality", "dataset score#", &scores.each_ref().map(String::as_str))];
    let html = report.to_html();
    let chart = drawing(&html, "quality-scores");
    assert_eq!(texts(chart, "value mid"), ["2", "1", "2"], "0 and 9.9; 10; 90 and 100");
    // 24.5 of 25 is the best step, 9 of 15 (60 %) the fourth, 5 of 25 (20 %) the second, 0 the worst.
    let html = small(Language::Russian).to_html();
    let chart = drawing(&html, "quality-parts");
    for (class, text) in [("4", "24,5"), ("3", "9"), ("1", "5"), ("0", "0"), ("-none", "–")] {
        assert!(texts(chart, &format!("on-h{class}")).contains(&text.to_owned()), "{class} {text}");
    }
}

#[test]
fn reasons_are_short_phrases() {
    let html = plain(&small(Language::Russian));
    let list =
        html.split("<ol class=\"next\">").nth(1).and_then(|rest| rest.split("</ol>").next()).expect("a list");
    let first = "<strong>Сот сараптамасы</strong><ul class=\"why\"><li>обещан перечнем</li><li>опоздание: 245 дней</li><li>кафедра сұрайды</li></ul>";
    let second = "<li>3 запроса</li><li>нужен по правилу спроса</li><li>21 поиск без результата</li>";
    assert!(list.find(first) < list.find(second) && list.contains(first), "{list}");
}

#[test]
fn forty_long_names_do_not_overlap() {
    let name = "Қазақстан Республикасының Мемлекеттік қызмет істері және сыбайлас жемқорлыққа қарсы іс-қимыл агенттігінің аумақтық департаменті";
    let rows: Vec<String> = (1..=45).map(|at| format!("{name} № {at} | {at}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let html = html(Language::Kazakh, vec![table("bodies", "body overdue#", &rows)]);
    let chart = drawing(&html, "overdue-count");
    assert!(chart.contains("алғашқы 40 көрсетілген (барлығы – 45)"));
    for (size, most) in [("wide", 90), ("narrow", 45)] {
        let labels = texts(chart, &format!("label {size}"));
        assert_eq!(labels.len(), 40);
        assert!(
            labels.iter().all(|label| label.ends_with('…') && label.chars().count() <= most),
            "{labels:?}"
        );
        let places: Vec<f64> = chart
            .split(&format!("class=\"label {size}\" y=\""))
            .skip(1)
            .map(|rest| rest.split('"').next().expect("a value").parse().expect("a number"))
            .collect();
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 24.0), "a label and a bar fit between");
    }
    assert!(chart.contains(&format!("<title>{name} № 45: ")), "the whole name is there");
}

#[test]
fn what_no_section_shows_stands_at_the_end() {
    let tables = vec![
        table("used_together", "one other", &["a | б"]),
        table("demand", "subject requests#", &["Бірінші | 1"]),
        table("demand", "subject requests#", &["Екінші | 1"]),
        table("unmet_demand", "one", &[]),
    ];
    let html = html(Language::English, tables);
    require_sound(&html);
    let end = html.split("<section id=\"next\"").nth(1).expect("the last section");
    assert!(end.contains("<h2>used_together</h2>") && end.contains("Екінші") && !end.contains("Бірінші"));
    assert!(end.contains("<h2>unmet_demand</h2><p class=\"empty\">The table has no rows.</p>"));
}

#[test]
fn five_hundred_rows_stay_below_four_hundred_kilobytes() {
    let spread = vec![
        many("demand", DEMAND, 100),
        many("bodies", BODIES, 45),
        many("requests_by_month", MONTHS, 30),
        many("deadlines", DEADLINES, 99),
        many("freshness", FRESHNESS, 99),
        many("plan_coverage", PLAN, 27),
        many("quality", QUALITY, 60),
        many("publish_next", NEXT, 40),
    ];
    assert_eq!(spread.iter().map(|table| table.rows.len()).sum::<usize>(), 500);
    let one = vec![many("deadlines", DEADLINES, 500)];
    for (language, tables) in LANGUAGES.into_iter().flat_map(|it| [(it, spread.clone()), (it, one.clone())]) {
        let html = html(language, tables.clone());
        require_sound(&html);
        assert!(html.len() <= 400_000, "{} bytes", html.len());
        assert_eq!(html, self::html(language, tables), "equal reports give equal bytes");
    }
}
