-- How many requests came in each month, and what became of them?
--
-- Order 144, paragraph 8: the integrator works month by month. Decisions count in the month in which they were made.
--
-- Inputs: system.requests, system.request_events.
--
-- param as_of Date = now: what happened later does not count
-- column month Date: its first day, in Kazakhstan
-- column received Int [requests]: came in
-- column published Int [requests]: decided by a publication
-- column refused Int [requests]: decided by a refusal
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
decision AS (
    SELECT request, min(CAST(at AS TIMESTAMP)) AS at, first_value(event ORDER BY at) AS event
    FROM moment CROSS JOIN system.request_events
    WHERE event IN ('published', 'refused') AND CAST(at AS TIMESTAMP) <= moment.as_of
    GROUP BY request
),
happened AS (
    SELECT CAST(received_at AS TIMESTAMP) AS at, 'received' AS event
    FROM moment CROSS JOIN system.requests
    WHERE CAST(received_at AS TIMESTAMP) <= moment.as_of
    UNION ALL
    SELECT at, event FROM decision
)
SELECT
    CAST(date_trunc('month', at + INTERVAL '5 hours') AS DATE) AS month,
    count(*) FILTER (WHERE event = 'received') AS received,
    count(*) FILTER (WHERE event = 'published') AS published,
    count(*) FILTER (WHERE event = 'refused') AS refused
FROM happened
GROUP BY month
ORDER BY month
