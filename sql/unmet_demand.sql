-- What do people ask for that is not there?
--
-- Datasets and columns that somebody named, in a query or an address, and that are still not there; searches through the
-- catalog that found nothing; and datasets that references lead to and that nobody publishes. What was published since
-- is left out.
--
-- Inputs: system.missed and system.askers (sums by the hour, and who asked first when), assess.published, system.fields,
-- system.links.
--
-- param as_of Date = now: what happened later does not count
-- column what String: dataset, column, search or reference
-- column name String: what was named, in small letters; a column with its dataset where the query has one alone
-- column asked Int: how often it was named, or how many fields refer to it
-- column clients Int [clients]: that asked; empty for references
-- column last_at Date: when it was named last, in UTC, or when the dataset that refers was published last
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
named AS (
    SELECT
        what,
        name,
        CAST(sum(asked) AS BIGINT) AS asked,
        max(CAST(last_at AS TIMESTAMP)) AS last_at
    FROM moment CROSS JOIN system.missed
    WHERE CAST(hour AS TIMESTAMP) <= moment.as_of
    GROUP BY what, name
),
asker AS (
    SELECT what, name, count(*) AS clients
    FROM moment CROSS JOIN system.askers
    WHERE CAST(first_at AS TIMESTAMP) <= moment.as_of
    GROUP BY what, name
),
here AS (
    SELECT 'dataset' AS what, lower(dataset) AS name FROM assess.published
    UNION ALL
    SELECT 'column', lower(dataset || '.' || field) FROM system.fields
),
target AS (
    SELECT DISTINCT dataset, field, to_dataset AS name
    FROM system.links
)
SELECT what, name, asked, clients, last_at
FROM (
    SELECT named.what, named.name, named.asked, coalesce(asker.clients, 0) AS clients, named.last_at
    FROM named
    LEFT ANTI JOIN here ON here.what = named.what AND here.name = named.name
    LEFT JOIN asker ON asker.what = named.what AND asker.name = named.name
    UNION ALL
    SELECT 'reference', target.name, count(*), CAST(NULL AS BIGINT), max(published.published_at)
    FROM target
    JOIN assess.published AS published ON published.dataset = target.dataset
    LEFT JOIN assess.published AS there ON lower(there.dataset) = lower(target.name)
    WHERE there.dataset IS NULL
    GROUP BY target.name
)
ORDER BY what, name
