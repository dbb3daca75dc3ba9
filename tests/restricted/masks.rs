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

#[test]
fn a_number_with_its_name_is_masked_whatever_its_check_digit_says() {
    masks("Менің ЖСН 900101300018, тізім керек", "Менің ЖСН 90**********, тізім керек");
    masks("ИИН: 123456789012", "ИИН: 12**********");
    masks("ИИН моего сына 900101300018.", "ИИН моего сына 90**********.");
    masks("ЖСН-ім 900101300018", "ЖСН-ім 90**********");
    masks("my IIN is 900101300018", "my IIN is 90**********");
    masks("ИИН 900101 300 018", "ИИН 90**** *** ***");
    masks("Жеке сәйкестендіру нөмірім – 900101300018", "Жеке сәйкестендіру нөмірім – 90**********");
    masks(
        "индивидуальный идентификационный номер 900101300018",
        "индивидуальный идентификационный номер 90**********",
    );
    for text in [
        "900101300018",
        "Тіркеу нөмірі 900101300018",
        "БСН 900101300018",
        "бизнес-сәйкестендіру нөмірі 900101300018",
        "ИИН не нужен. Заказ 900101300018",
        "ЖСН керек емес, сатып алу тапсырысы 900101300018",
        "ИИН 5, заказ 900101300018",
    ] {
        assert_eq!(without_persons(text, as_of()), None, "{text}");
    }
}
