-- Which datasets are used, how much, and by how many?
--
-- From the server's own sums, which no portal has: queries that did not fail, and rows, objects, look-ups, tiles and
-- documents that were fetched. A dataset counts once a query. Clients are salted hashes, and the salt is another one
-- after each start, so one client may be several. Sums are of hours, after a week of days, and after 400 days of months;
-- one counts as soon as it has begun.
--
-- Inputs: system.uses, system.askers.
--
-- param as_of Date = now: later hours do not count
-- column dataset String: the dataset
-- column queries Int [queries]: that read it
-- column rows Int [rows]: that these answered
-- column clients Int [clients]: that asked them
-- column last_at Date: when the last was asked, in UTC
SELECT used.dataset, used.queries, used.rows, coalesce(asker.clients, 0) AS clients, used.last_at
FROM (
    SELECT
        dataset,
        CAST(sum(queries) AS BIGINT) AS queries,
        CAST(sum(rows) AS BIGINT) AS rows,
        max(CAST(last_at AS TIMESTAMP)) AS last_at
    FROM system.uses
    WHERE CAST(hour AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
    GROUP BY dataset
) AS used
LEFT JOIN (
    SELECT name, count(*) AS clients
    FROM system.askers
    WHERE what = 'use' AND CAST(first_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
    GROUP BY name
) AS asker ON asker.name = used.dataset
ORDER BY used.dataset
