-- Which datasets and topics do people ask for, and are they needed?
--
-- Order 432 of 2018, paragraph 5: needed is what is asked for so many times or more within so many consecutive calendar
-- months. A subject is the dataset that is asked for, else the topic, else the text; topics that differ in letter case,
-- signs and spaces, and in ё, are one, and `merged` shows how they were written. Windows begin in months in which
-- somebody asked.
--
-- Inputs: system.requests, assess.rules, assess.usage.
--
-- param as_of Date = now: later requests do not count
-- column subject String: the dataset in small letters, or the topic in its plain form
-- column dataset String: the dataset, where one is asked for
-- column requests Int [requests]: how many ask for it
-- column citizens Int [requests]: of citizens
-- column businesses Int [requests]: of businesses
-- column to_publish Int [requests]: that ask for a publication
-- column to_update Int [requests]: that ask for an update
-- column first_from Date: first day of the first window in which it was needed
-- column first_to Date: the window's last day
-- column last_from Date: first day of the last such window
-- column last_to Date: the window's last day
-- column most_in_window Int [requests]: the most in one window
-- column is_needed Boolean: whether it was needed in some window
-- column merged String: how topics of it were written, each way once
-- column queries Int [queries]: that used the dataset; empty for topics
-- column clients Int [clients]: that asked these
WITH rule AS (
    SELECT
        max(value) FILTER (WHERE code = 'demand.least_requests') AS least,
        max(value) FILTER (WHERE code = 'demand.window_months') AS months
    FROM assess.rules
    WHERE coalesce(in_force_from <= CAST($as_of AS DATE), true)
        AND coalesce(in_force_until >= CAST($as_of AS DATE), true)
),
-- Counted as they were written, so that each way of writing is put into its plain form once.
written AS (
    SELECT
        dataset,
        CASE WHEN dataset IS NULL THEN coalesce(topic, text) END AS spelling,
        date_trunc('month', CAST(received_at AS TIMESTAMP) + INTERVAL '5 hours') AS month_start,
        count(*) AS requests,
        count(*) FILTER (WHERE requester = 'citizen') AS citizens,
        count(*) FILTER (WHERE kind = 'publish') AS to_publish
    FROM system.requests
    WHERE CAST(received_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
    GROUP BY dataset, spelling, month_start
),
by_month AS (
    SELECT
        coalesce(
            lower(dataset),
            nullif(plain_text(spelling), ''),
            spelling
        ) AS subject,
        CAST(date_part('year', month_start) AS BIGINT) * 12 + CAST(date_part('month', month_start) AS BIGINT) - 1 AS month,
        max(dataset) AS dataset,
        CAST(sum(requests) AS BIGINT) AS requests,
        CAST(sum(citizens) AS BIGINT) AS citizens,
        CAST(sum(to_publish) AS BIGINT) AS to_publish
    FROM written
    GROUP BY subject, month
),
-- Each month counts in the windows that begin in it and in the months before it.
within AS (
    SELECT
        by_month.subject,
        by_month.month - back.months AS month,
        sum(requests) AS in_window,
        bool_or(back.months = 0) AS is_asked,
        max(dataset) AS dataset,
        sum(requests) FILTER (WHERE back.months = 0) AS requests,
        sum(citizens) FILTER (WHERE back.months = 0) AS citizens,
        sum(to_publish) FILTER (WHERE back.months = 0) AS to_publish
    FROM (SELECT unnest(generate_series(0, months - 1)) AS months FROM rule) AS back
    CROSS JOIN by_month
    GROUP BY by_month.subject, by_month.month - back.months
),
total AS (
    SELECT
        subject,
        max(dataset) AS dataset,
        sum(requests) AS requests,
        sum(citizens) AS citizens,
        sum(to_publish) AS to_publish,
        max(in_window) FILTER (WHERE is_asked) AS most,
        min(month) FILTER (WHERE is_asked AND in_window >= rule.least) AS first_month,
        max(month) FILTER (WHERE is_asked AND in_window >= rule.least) AS last_month,
        max(rule.months) AS months
    FROM rule CROSS JOIN within
    GROUP BY subject
),
spelled AS (
    SELECT subject, string_agg(spelling, ' / ' ORDER BY spelling) AS merged
    FROM (
        SELECT DISTINCT
            coalesce(nullif(plain_text(spelling), ''), spelling) AS subject,
            spelling
        FROM (
            SELECT DISTINCT coalesce(topic, text) AS spelling
            FROM system.requests
            WHERE dataset IS NULL AND CAST(received_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
        )
    )
    GROUP BY subject
)
SELECT
    total.subject,
    total.dataset,
    CAST(requests AS BIGINT) AS requests,
    CAST(citizens AS BIGINT) AS citizens,
    CAST(requests - citizens AS BIGINT) AS businesses,
    CAST(to_publish AS BIGINT) AS to_publish,
    CAST(requests - to_publish AS BIGINT) AS to_update,
    make_date(CAST(first_month / 12 AS INT), CAST(first_month % 12 + 1 AS INT), 1) AS first_from,
    make_date(CAST((first_month + months) / 12 AS INT), CAST((first_month + months) % 12 + 1 AS INT), 1) - 1 AS first_to,
    make_date(CAST(last_month / 12 AS INT), CAST(last_month % 12 + 1 AS INT), 1) AS last_from,
    make_date(CAST((last_month + months) / 12 AS INT), CAST((last_month + months) % 12 + 1 AS INT), 1) - 1 AS last_to,
    CAST(most AS BIGINT) AS most_in_window,
    first_month IS NOT NULL AS is_needed,
    spelled.merged,
    CASE WHEN total.dataset IS NOT NULL THEN coalesce(usage.queries, 0) END AS queries,
    CASE WHEN total.dataset IS NOT NULL THEN coalesce(usage.clients, 0) END AS clients
FROM total
LEFT JOIN spelled ON spelled.subject = total.subject
LEFT JOIN assess.usage AS usage ON lower(usage.dataset) = lower(total.dataset)
ORDER BY total.subject
