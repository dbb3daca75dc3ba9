-- Which datasets may be those of the plan that have another name?
--
-- For planned datasets that plan_matches has no dataset for: the published ones whose names in Kazakh or in Russian are most
-- alike. The score is that of similarity(): the trigrams that both names have, of those that one of them has. Whoever finds
-- that one of them is meant says so by its apiUri in the plan.
--
-- Inputs: assess.plan_matches, system.datasets, assess.published.
--
-- param as_of Date = now: what was published later does not count
-- param least Double = 0.4: the least score
-- column list String: the list
-- column number Int: the row of the list
-- column name String: the planned dataset
-- column dataset String: which may be it
-- column dataset_name String: its name that is most alike
-- column score Double: how alike they are, from 0 to 1
WITH named AS (
    SELECT dataset, dataset_name
    FROM (
        SELECT dataset, name_kk AS dataset_name FROM system.datasets
        UNION
        SELECT dataset, name_ru FROM system.datasets
    ) AS written
    LEFT SEMI JOIN assess.published AS published ON published.dataset = written.dataset
    WHERE dataset_name IS NOT NULL
),
compared AS (
    SELECT
        planned.list, planned.number, planned.name, named.dataset, named.dataset_name,
        round(similarity(planned.name, named.dataset_name), 3) AS score
    FROM assess.plan_matches AS planned CROSS JOIN named
    WHERE planned.dataset IS NULL AND CAST($as_of AS TIMESTAMP) IS NOT NULL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY list, number ORDER BY score DESC, dataset, dataset_name) AS rank
    FROM (
        SELECT *, row_number() OVER (PARTITION BY list, number, dataset ORDER BY score DESC, dataset_name) AS rank_of_name
        FROM compared
        WHERE score >= CAST($least AS DOUBLE)
    )
    WHERE rank_of_name = 1
)
SELECT list, number, name, dataset, dataset_name, score
FROM ranked
WHERE rank <= 3
ORDER BY list, number, score DESC, dataset
