-- Which datasets are published at a moment, and in which version?
--
-- Inputs: system.versions.
--
-- param as_of Date = now: what was published or deleted later does not count
-- column dataset String: the dataset
-- column version Int: its last version
-- column published_at Date: when that was published, in UTC
SELECT dataset, version, published_at
FROM (
    SELECT
        dataset,
        version,
        CAST(published_at AS TIMESTAMP) AS published_at,
        is_deleted,
        row_number() OVER (PARTITION BY dataset ORDER BY version DESC) AS rank
    FROM system.versions
    WHERE CAST(published_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
)
WHERE rank = 1 AND NOT is_deleted
ORDER BY dataset
