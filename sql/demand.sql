-- Which datasets and topics do people ask for, and are they needed?
--
-- Order 432 of 2018, paragraph 5: needed is what is asked for so many times or more within so many consecutive calendar
-- months. A subject is the dataset that is asked for, else the topic, else the text; topics that differ in letter case,
-- signs and spaces, and in ё, are one, and `merged` shows how they were written. Windows begin in months in which
-- somebody asked.
--
-- Inputs: system.requests, assess.rules.
--
-- param as_of Date = now: later requests do not count
-- column subject String: the dataset, or the topic in its plain form
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
-- column merged String: how a topic was written, each way once
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
rule AS (
    SELECT
        max(value) FILTER (WHERE code = 'demand.least_requests') AS least,
        max(value) FILTER (WHERE code = 'demand.window_months') AS months
    FROM assess.rules
),
asked AS (
    SELECT
        coalesce(
            dataset,
            btrim(regexp_replace(replace(lower(coalesce(topic, text)), 'ё', 'е'), '[^\p{L}\p{N}]+', ' ', 'g'))
        ) AS subject,
        dataset,
        requester,
        kind,
        CASE WHEN dataset IS NULL THEN coalesce(topic, text) END AS spelling,
        CAST(date_part('year', CAST(received_at AS TIMESTAMP) + INTERVAL '5 hours') AS BIGINT) * 12
            + CAST(date_part('month', CAST(received_at AS TIMESTAMP) + INTERVAL '5 hours') AS BIGINT) - 1 AS month
    FROM system.requests CROSS JOIN moment
    WHERE CAST(received_at AS TIMESTAMP) <= moment.as_of
),
by_month AS (
    SELECT subject, month, count(*) AS requests FROM asked GROUP BY subject, month
),
within AS (
    SELECT one.subject, one.month, sum(other.requests) AS requests
    FROM by_month AS one
    CROSS JOIN rule
    JOIN by_month AS other
        ON other.subject = one.subject AND other.month >= one.month AND other.month < one.month + rule.months
    GROUP BY one.subject, one.month
),
met AS (
    SELECT
        subject,
        max(requests) AS most,
        min(month) FILTER (WHERE requests >= rule.least) AS first_month,
        max(month) FILTER (WHERE requests >= rule.least) AS last_month,
        max(rule.months) AS months
    FROM within CROSS JOIN rule
    GROUP BY subject
),
total AS (
    SELECT
        subject,
        max(dataset) AS dataset,
        count(*) AS requests,
        count(*) FILTER (WHERE requester = 'citizen') AS citizens,
        count(*) FILTER (WHERE requester = 'business') AS businesses,
        count(*) FILTER (WHERE kind = 'publish') AS to_publish,
        count(*) FILTER (WHERE kind = 'update') AS to_update,
        array_to_string(array_sort(array_agg(DISTINCT spelling) FILTER (WHERE spelling IS NOT NULL)), ' / ') AS merged
    FROM asked
    GROUP BY subject
)
SELECT
    total.subject,
    total.dataset,
    total.requests,
    total.citizens,
    total.businesses,
    total.to_publish,
    total.to_update,
    make_date(CAST(first_month / 12 AS INT), CAST(first_month % 12 + 1 AS INT), 1) AS first_from,
    make_date(CAST((first_month + months) / 12 AS INT), CAST((first_month + months) % 12 + 1 AS INT), 1) - 1 AS first_to,
    make_date(CAST(last_month / 12 AS INT), CAST(last_month % 12 + 1 AS INT), 1) AS last_from,
    make_date(CAST((last_month + months) / 12 AS INT), CAST((last_month + months) % 12 + 1 AS INT), 1) - 1 AS last_to,
    CAST(met.most AS BIGINT) AS most_in_window,
    met.first_month IS NOT NULL AS is_needed,
    total.merged
FROM total JOIN met ON met.subject = total.subject
ORDER BY total.subject
