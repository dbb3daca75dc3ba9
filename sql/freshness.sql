-- How old is the latest version of each planned dataset, against its period?
--
-- Orders 113 and 38 of 2016. Fresh up to the longest that the period can be, due up to twice that, then overdue; never
-- where nothing is published (any more); empty where the plan has no period with a length. A version whose document is the same
-- as that of the version before is told apart.
--
-- Inputs: assess.plan_matches, system.versions.
--
-- param as_of Date = now: what was published later does not count
-- column list String: the list
-- column number Int: the row of the list
-- column name String: the planned dataset
-- column dataset String: the dataset; empty where there is none
-- column age_days Int [days]: of its latest version
-- column period_days Int [days]: the longest that the period can be
-- column state String: fresh, due, overdue or never
-- column is_unchanged Boolean: whether the latest version holds what the one before held
WITH moment AS (
    SELECT
        CAST($as_of AS TIMESTAMP) AS as_of,
        CAST(CAST($as_of AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS today
),
version AS (
    SELECT
        dataset,
        CAST(published_at AS TIMESTAMP) AS published_at,
        is_deleted,
        document_blake3 = lag(document_blake3) OVER (PARTITION BY dataset, is_deleted ORDER BY version) AS is_unchanged,
        row_number() OVER (PARTITION BY dataset ORDER BY version DESC) AS rank
    FROM moment CROSS JOIN system.versions
    WHERE CAST(published_at AS TIMESTAMP) <= moment.as_of
),
aged AS (
    SELECT
        matched.list,
        matched.number,
        matched.name,
        matched.dataset,
        moment.today - CAST(version.published_at + INTERVAL '5 hours' AS DATE) AS age_days,
        CASE matched.period
            WHEN 'weekly' THEN 7
            WHEN 'monthly' THEN 31
            WHEN 'quarterly' THEN 92
            WHEN 'half-yearly' THEN 184
            WHEN 'twice-a-year' THEN 184
            WHEN 'yearly' THEN 366
            WHEN 'every-5-years' THEN 1827
        END AS period_days,
        version.is_unchanged
    FROM assess.plan_matches AS matched
    CROSS JOIN moment
    LEFT JOIN version ON version.dataset = matched.dataset AND version.rank = 1 AND NOT version.is_deleted
)
SELECT
    list,
    number,
    name,
    dataset,
    age_days,
    period_days,
    CASE
        WHEN age_days IS NULL THEN 'never'
        WHEN period_days IS NULL THEN NULL
        WHEN age_days <= period_days THEN 'fresh'
        WHEN age_days <= 2 * period_days THEN 'due'
        ELSE 'overdue'
    END AS state,
    is_unchanged
FROM aged
ORDER BY list, number
