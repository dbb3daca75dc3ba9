-- Which datasets are those of the plan?
--
-- A planned dataset is the one whose apiUri the plan says, published or not; else the one that is published under the
-- same name in Kazakh or in Russian: letter case, signs, spaces and ё aside. Names that are alike and not the same are no
-- match: assess.plan_candidates has these with their scores, for a person to look at.
--
-- Inputs: assess.plan, system.datasets, assess.published.
--
-- param as_of Date = now: what was published later does not count
-- column list String: the list
-- column number Int: the row of the list
-- column name String: the planned dataset
-- column body String: whose list it is
-- column unit String: who is responsible
-- column period String: how often it is due
-- column dataset String: the dataset; empty where there is none
-- column matched_by String: apiUri or name
-- column score Double: how sure that is, from 0 to 1: 1 for the apiUri and for the same name
WITH named AS (
    SELECT DISTINCT
        dataset,
        plain_text(name) AS name
    FROM (
        SELECT dataset, name_kk AS name FROM system.datasets
        UNION ALL
        SELECT dataset, name_ru FROM system.datasets
    )
    WHERE name IS NOT NULL
),
by_name AS (
    SELECT named.name, min(named.dataset) AS dataset
    FROM named LEFT SEMI JOIN assess.published AS published ON published.dataset = named.dataset
    GROUP BY named.name
),
planned AS (
    SELECT list, number, max(name) AS name, max(body) AS body, max(unit) AS unit, max(period) AS period,
        max(dataset) AS dataset
    FROM assess.plan
    WHERE CAST($as_of AS TIMESTAMP) IS NOT NULL
    GROUP BY list, number
)
SELECT
    planned.list,
    planned.number,
    planned.name,
    planned.body,
    planned.unit,
    planned.period,
    coalesce(planned.dataset, by_name.dataset) AS dataset,
    CASE WHEN planned.dataset IS NOT NULL THEN 'apiUri' WHEN by_name.dataset IS NOT NULL THEN 'name' END AS matched_by,
    CASE WHEN coalesce(planned.dataset, by_name.dataset) IS NOT NULL THEN CAST(1 AS DOUBLE) END AS score
FROM planned
LEFT JOIN by_name ON by_name.name = plain_text(planned.name)
ORDER BY planned.list, planned.number
