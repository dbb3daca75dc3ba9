-- Which datasets are read together by one query?
--
-- Inputs: system.queries, without those that failed.
--
-- param as_of Date = now: later queries do not count
-- column dataset String: the first of a pair, by name
-- column other String: the second
-- column queries Int [queries]: that read both
WITH used AS (
    SELECT DISTINCT id, dataset
    FROM (
        SELECT id, unnest(datasets) AS dataset
        FROM (
            SELECT row_number() OVER (ORDER BY asked_at) AS id, datasets
            FROM system.queries
            WHERE error IS NULL AND CAST(asked_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
        )
    )
)
SELECT one.dataset, two.dataset AS other, count(*) AS queries
FROM used AS one JOIN used AS two ON two.id = one.id AND one.dataset < two.dataset
GROUP BY one.dataset, two.dataset
ORDER BY one.dataset, two.dataset
