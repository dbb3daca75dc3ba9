//! Which steps may follow which.

use chrono::NaiveDate;
use derek::assess::passport::{History, Language, Passport, PassportState, Step, StepError};

fn state(step: Step, day: u32) -> PassportState {
    PassportState { step, at: NaiveDate::from_ymd_opt(2026, 11, day).expect("a day"), by: None, note: None }
}

/// Every pair, against the list of those that are allowed.
#[test]
fn a_step_follows_only_what_it_may_follow() {
    let allowed = [
        (None, Step::Draft),
        (Some(Step::Draft), Step::Draft),
        (Some(Step::Draft), Step::Agreed),
        (Some(Step::Agreed), Step::Commission),
        (Some(Step::Commission), Step::Draft),
        (Some(Step::Commission), Step::Approved),
        (Some(Step::Approved), Step::Published),
        (Some(Step::Published), Step::Draft),
    ];
    let before = [None].into_iter().chain(Step::ALL.map(Some));
    for last in before {
        for step in Step::ALL {
            assert_eq!(step.may_follow(last).is_ok(), allowed.contains(&(last, step)), "{last:?} {step:?}");
        }
    }
}

#[test]
fn a_step_is_found_by_its_name() {
    assert!(Step::ALL.into_iter().all(|step| Step::named(step.name()) == Some(step)));
    assert_eq!(Step::named("Draft"), None);
}

#[test]
fn the_error_says_what_was_expected() {
    let error = Step::Published.may_follow(Some(Step::Commission)).expect_err("it is not approved");
    assert_eq!(
        error.to_string(),
        "'published' cannot follow 'commission': expected 'approved' (order 111/НҚ/2021, paragraph 11) or 'draft' \
         (order 111/НҚ/2021, paragraph 7); record the steps between with their dates"
    );
    let error = Step::Approved.may_follow(None).expect_err("there is no draft");
    assert!(
        error.to_string().starts_with("a passport cannot begin with 'approved': expected 'draft'"),
        "{error}"
    );
}

#[test]
fn a_step_is_not_earlier_than_the_last_and_may_be_of_the_same_day() {
    let mut history = History::new([state(Step::Draft, 16)]).expect("a draft is first");
    let error = history.push(state(Step::Agreed, 15)).expect_err("it is earlier");
    assert!(matches!(error, StepError::Date { .. }));
    assert!(error.to_string().contains("2026-11-15, before 'draft' of 2026-11-16"), "{error}");
    assert_eq!(history.last().map(|last| last.step), Some(Step::Draft), "nothing was added");
    history.push(state(Step::Agreed, 16)).expect("the same day");
    assert_eq!(history.states().len(), 2);
    assert!(History::new([state(Step::Draft, 1), state(Step::Published, 2)]).is_err());
}

#[test]
fn the_whole_way_is_rendered_with_its_dates() {
    let steps = Step::ALL.into_iter().zip(1..).map(|(step, day)| state(step, day));
    let passport = Passport { history: History::new(steps).expect("the order's way"), ..Passport::default() };
    let html = passport.to_html(Language::Kk);
    let places: Vec<usize> = (1..=5)
        .map(|day| html.find(&format!("<td>0{day}.11.2026</td>")).expect("each date is there"))
        .collect();
    assert!(places.is_sorted());
    assert!(html.contains("11-тармақ: «Паспорттардың жобаларын мемлекеттік органдар бекітеді …»"));
    assert!(!html.contains("Келесі қадам"), "it is published");
    let json = passport.to_json();
    assert_eq!((&json["state"], &json["history"][2]["at"]), (&"published".into(), &"2026-11-03".into()));
}
