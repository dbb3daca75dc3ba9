//! Which order and paragraph a table rests on.

use super::words::Words;

/// The rule that two or more requests within three consecutive months make a need.
pub(crate) const DEMAND: Words = [
    "Source: order 432 of 10 October 2018, paragraph 5; order 111/НҚ of 31 March 2021, paragraph 7",
    "Дереккөз: 2018 жылғы 10 қазандағы № 432 бұйрық, 5-тармақ; 2021 жылғы 31 наурыздағы № 111/НҚ бұйрық, 7-тармақ",
    "Источник: приказ № 432 от 10 октября 2018 года, пункт 5; приказ № 111/НҚ от 31 марта 2021 года, пункт 7",
];

/// How requests are made and processed.
pub(crate) const REQUESTS: Words = [
    "Source: order 144 of 28 April 2021, annex 1, paragraphs 7 and 8",
    "Дереккөз: 2021 жылғы 28 сәуірдегі № 144 бұйрық, 1-қосымша, 7 және 8-тармақтар",
    "Источник: приказ № 144 от 28 апреля 2021 года, приложение 1, пункты 7 и 8",
];

/// How long a body has.
pub(crate) const CLOCKS: Words = [
    "Source: order 144 of 28 April 2021, annex 1, paragraph 9",
    "Дереккөз: 2021 жылғы 28 сәуірдегі № 144 бұйрық, 1-қосымша, 9-тармақ",
    "Источник: приказ № 144 от 28 апреля 2021 года, приложение 1, пункт 9",
];

/// What two bodies owe the portal, and when.
pub(crate) const LISTS: Words = [
    "Source: lists of orders 113 of 31 December 2016 and 38 of 26 January 2016, column of deadlines",
    "Дереккөз: 2016 жылғы 31 желтоқсандағы № 113 және 2016 жылғы 26 қаңтардағы № 38 бұйрықтардың тізбелері, мерзімдер бағаны",
    "Источник: перечни приказов № 113 от 31 декабря 2016 года и № 38 от 26 января 2016 года, графа сроков",
];

/// What a dataset must say and look like.
pub(crate) const QUALITY: Words = [
    "Source: order 144 of 28 April 2021, format of open data (annex 1 to the rules)",
    "Дереккөз: 2021 жылғы 28 сәуірдегі № 144 бұйрық, ашық деректерді ұсыну форматы (Қағидаларға 1-қосымша)",
    "Источник: приказ № 144 от 28 апреля 2021 года, формат представления открытых данных (приложение 1 к Правилам)",
];

/// Which data come first.
pub(crate) const NEXT: Words = [
    "Source: order 432 of 10 October 2018, paragraph 5; order 111/НҚ of 31 March 2021, paragraph 7; uses counted by the server",
    "Дереккөз: 2018 жылғы 10 қазандағы № 432 бұйрық, 5-тармақ; 2021 жылғы 31 наурыздағы № 111/НҚ бұйрық, 7-тармақ; сервер санаған пайдаланулар",
    "Источник: приказ № 432 от 10 октября 2018 года, пункт 5; приказ № 111/НҚ от 31 марта 2021 года, пункт 7; использование по счёту сервера",
];

/// Which of the orders no longer hold: their texts say so.
pub(crate) const REPEALED: Words = [
    "Orders 113 (2016), 38 (2016), 432 (2018) and 144 (2021) are repealed; what is counted here follows their wording. Order 111/НҚ (2021) has no note of repeal.",
    "№ 113 (2016), № 38 (2016), № 432 (2018) және № 144 (2021) бұйрықтардың күші жойылған; есеп солардың мәтіні бойынша жүргізілді. № 111/НҚ (2021) бұйрықта күші жойылғаны туралы ескерту жоқ.",
    "Приказы № 113 (2016), № 38 (2016), № 432 (2018) и № 144 (2021) утратили силу; подсчёт ведётся по их тексту. В приказе № 111/НҚ (2021) отметки об утрате силы нет.",
];
