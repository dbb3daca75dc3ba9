-- What does a publication plan say of a dataset?
--
-- Of the row that `plan_matches` tells to be the dataset: how often it is due, by when, who owes it. A dataset that is
-- in several rows has the first one. The words of a period are this query's own: the lists of orders 113 and 38 of
-- 2016 say the same in several ways.
--
-- Inputs: assess.plan, assess.plan_matches.
--
-- param dataset String: its apiUri
-- column list String: the list
-- column number Int: the row of the list
-- column name String: the planned dataset
-- column body String: whose list it is
-- column unit String: who is responsible
-- column period String: how often it is due
-- column period_kk String: the same in Kazakh
-- column period_ru String: the same in Russian
-- column deadline String: the deadline as the order has it
-- column matched_by String: apiUri or name
-- column score Double: how sure the match is, from 0 to 1
WITH deadline AS (
    SELECT list, number, string_agg(deadline_text, '; ' ORDER BY part) AS deadline
    FROM (
        SELECT list, number, deadline_text, min(part) AS part
        FROM assess.plan
        GROUP BY list, number, deadline_text
    )
    GROUP BY list, number
)
SELECT
    matched.list,
    matched.number,
    matched.name,
    matched.body,
    matched.unit,
    matched.period,
    CASE matched.period
        WHEN 'weekly' THEN 'апта сайын'
        WHEN 'monthly' THEN 'ай сайын'
        WHEN 'quarterly' THEN 'тоқсан сайын'
        WHEN 'half-yearly' THEN 'жарты жылда бір рет'
        WHEN 'twice-a-year' THEN 'жылына 2 рет'
        WHEN 'yearly' THEN 'жыл сайын'
        WHEN 'every-5-years' THEN '5 жылда бір рет'
        WHEN 'continuous' THEN 'тұрақты'
        WHEN 'on-change' THEN 'өзгерістер енгізілуіне қарай'
        WHEN 'per-event' THEN 'өткізілу қорытындысы бойынша'
        WHEN 'as-needed' THEN 'қажеттілігі бойынша'
    END AS period_kk,
    CASE matched.period
        WHEN 'weekly' THEN 'еженедельно'
        WHEN 'monthly' THEN 'ежемесячно'
        WHEN 'quarterly' THEN 'ежеквартально'
        WHEN 'half-yearly' THEN 'один раз в полугодие'
        WHEN 'twice-a-year' THEN '2 раза в год'
        WHEN 'yearly' THEN 'ежегодно'
        WHEN 'every-5-years' THEN 'один раз в 5 лет'
        WHEN 'continuous' THEN 'постоянно'
        WHEN 'on-change' THEN 'по мере внесения изменений'
        WHEN 'per-event' THEN 'по итогам проведения'
        WHEN 'as-needed' THEN 'по мере необходимости'
    END AS period_ru,
    deadline.deadline,
    matched.matched_by,
    matched.score
FROM assess.plan_matches AS matched
LEFT JOIN deadline ON deadline.list = matched.list AND deadline.number = matched.number
WHERE matched.dataset = $dataset
ORDER BY matched.list, matched.number
LIMIT 1
