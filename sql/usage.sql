-- Which datasets are used in queries, how much, and by how many?
--
-- From the server's own log, which no portal has: its last queries, without those that failed. A dataset counts once a
-- query. Clients are salted hashes, and the salt is another one after each start, so one client may be several.
--
-- Inputs: system.queries.
--
-- param as_of Date = now: later queries do not count
-- column dataset String: the dataset
-- column queries Int [queries]: that read it
-- column rows Int [rows]: that these answered
-- column clients Int [clients]: that asked them
-- column last_at Date: when the last was asked, in UTC
WITH used AS (
    SELECT DISTINCT id, rows, client, asked_at, dataset
    FROM (
        SELECT id, rows, client, asked_at, unnest(datasets) AS dataset
        FROM (
            SELECT row_number() OVER (ORDER BY asked_at) AS id, rows, client, datasets,
                CAST(asked_at AS TIMESTAMP) AS asked_at
            FROM system.queries
            WHERE error IS NULL AND CAST(asked_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
        )
    )
)
SELECT
    dataset,
    count(*) AS queries,
    CAST(sum(rows) AS BIGINT) AS rows,
    count(DISTINCT client) AS clients,
    max(asked_at) AS last_at
FROM used
GROUP BY dataset
ORDER BY dataset
