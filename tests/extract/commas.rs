//! Numbers with a decimal comma, and the first line that spreadsheets write.

use derek::assess::extract::Form;
use derek::assess::passport::RecordCheck;
use derek::error::Code;

use super::{field, judged, names, report};

#[test]
fn a_decimal_comma_is_one_where_a_semicolon_parts_the_cells() {
    let text = "атауы;бағасы;саны\nАлма;1\u{a0}234,50;1 200\nӨрік;12,5;7\nАлмұрт;7;3\nЖүзім;-2 000;5\n";
    let report = report(Form::Csv, text);
    let price = field(&report, "бағасы");
    assert_eq!((price.kind, price.typed, price.decimal_sign), ("Double", 4, Some(',')));
    assert_eq!(price.least.as_deref(), Some("-2 000"));
    assert_eq!(price.greatest.as_deref(), Some("1\u{a0}234,50"));
    // Without a comma in the field, a space says nothing.
    let count = field(&report, "саны");
    assert_eq!((count.kind, count.typed, count.decimal_sign), ("Int", 3, None));
    assert!(report.text().contains("Double (,)"), "{}", report.text());
    let json = serde_json::to_value(&report).expect("it is JSON");
    assert_eq!(json["fields"][1]["decimal_sign"], ",");
    assert!(json["fields"][2].get("decimal_sign").is_none());
    let checks = report.draft("d").record_checks.expect("rows were checked");
    assert!(checks.iter().all(RecordCheck::is_good), "{checks:?}");
}

#[test]
fn elsewhere_a_comma_is_none() {
    let kind = |text: &str| {
        let report = report(Form::Csv, text);
        (report.fields[1].kind, report.fields[1].decimal_sign)
    };
    assert_eq!(kind("аты,баға\nАлма,\"12,5\"\nӨрік,\"7,5\"\n"), ("String", None));
    for other in ["көп", "1.5", "007", "01,5", "1 23,5", "1,2,3", ",5", "5,", "1  000", "12,5 %"] {
        let text = format!("аты;баға\nАлма;12,5\nӨрік;7,5\nАлмұрт;{other}\n");
        assert_eq!(kind(&text), ("String", None), "{other}");
    }
    assert_eq!(kind("аты;баға\nАлма;12\nӨрік;7\n"), ("Int", None));
}

#[test]
fn a_first_line_that_names_the_separator_is_no_row() {
    for (line, delimiter) in [("sep=;\r\n", ';'), ("SEP=,\n", ','), ("\u{feff}sep=\t\n", '\t')] {
        let text = format!("{line}аты|саны\nАлма|5\n").replace('|', &delimiter.to_string());
        let report = report(Form::Csv, text);
        assert_eq!((names(&report), report.rows), (vec!["аты", "саны"], 1), "{line:?}");
    }
    // It says what parts the cells, whatever the head has more of.
    assert_eq!(names(&report(Form::Csv, "sep=;\nа,б,в;г\n1;2\n")), ["а,б,в", "г"]);
    assert_eq!(names(&report(Form::Csv, "sep=өріс;г\n1;2\n")), ["sep=өріс", "г"]);
    let open = judged(Form::Csv, "sep=;\nаты;саны\n\"Өрік;7\n".as_bytes()).expect_err("it is open");
    assert!(open.code == Code::RequestBody && open.message.contains("line 3, column 1"), "{open}");
}
