//! What tells of a person is masked in a text, the rest stays.

use derek::assess::restricted::without_persons;

use super::{as_of, found};

#[track_caller]
fn masks(text: &str, expected: &str) {
    assert_eq!(without_persons(text, as_of()).as_deref(), Some(expected), "{:?}", found(text));
}

#[test]
fn an_address_that_holds_a_name_is_masked_whole() {
    let text = "Абай көшесі 10, тұрғыны Үлгіев Болат Серікұлы, пәтер 25";
    let texts: Vec<&str> = found(text).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        texts,
        ["көшесі 10, тұрғыны Үлгіев Болат Серікұлы, пәтер 25", "Үлгіев Болат Серікұлы"],
        "one lies in the other"
    );
    masks(text, "Абай к***** **, т****** Ү***** Б**** С*******, п**** **");
    masks(
        "Менің үйім: Абай көшесі 10, Үлгіев Болат Серікұлы, 25-пәтер",
        "Менің үйім: Абай к***** **, Ү***** Б**** С*******, **-п****",
    );
    // The number's digits are those of the place: neither the flat nor the number is told.
    masks(
        "көше 7, ЖСН 900101300017, пәтер 25; тел. керек емес",
        "к*** 7, Ж** 9***********, п**** **; тел. керек емес",
    );
}

#[test]
fn places_apart_are_masked_one_by_one() {
    masks(
        "Үлгіев Болат Серікұлы мен Үлгіева Айгүл Серікқызы сұрайды: 900101300017",
        "Ү***** Б**** С******* мен Ү****** А**** С******** сұрайды: 90**********",
    );
    assert_eq!(without_persons("Абай көшесі 10, дәріханалар тізімі", as_of()), None);
}
