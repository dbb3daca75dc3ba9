-- How do the bodies answer what they are asked for?
--
-- Order 144, paragraph 9. A request is overdue where the day by which it should be published has passed and nothing is
-- decided; the integrator's delays are not the body's. In time are decisions within the clocks of publication and
-- refusal; what is overdue counts as not in time.
--
-- Inputs: system.requests, system.request_events, assess.requests_clock.
--
-- param as_of Date = now: what happened later does not count
-- column body String: the body
-- column received Int [requests]: addressed to it
-- column published Int [requests]: decided by a publication
-- column refused Int [requests]: decided by a refusal
-- column open Int [requests]: without a decision
-- column overdue Int [requests]: open, and publication is late
-- column in_time_share Double [share]: of the clocks of publication and refusal that are over, those that were met
-- column median_days Double [days]: from receipt to the decision
-- column mean_days Double [days]: the same
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
story AS (
    SELECT
        request,
        min(CAST(at AS TIMESTAMP)) FILTER (WHERE event = 'sent') AS sent_at,
        min(CAST(at AS TIMESTAMP)) FILTER (WHERE event IN ('published', 'refused')) AS decided_at,
        min(CAST(at AS TIMESTAMP)) FILTER (WHERE event = 'refused') AS refused_at
    FROM system.request_events CROSS JOIN moment
    WHERE CAST(at AS TIMESTAMP) <= moment.as_of
    GROUP BY request
),
decided AS (
    SELECT
        asked.body,
        story.decided_at,
        coalesce(story.refused_at = story.decided_at, false) AS is_refused,
        CAST(
            CAST(story.decided_at + INTERVAL '5 hours' AS DATE)
            - CAST(coalesce(story.sent_at, CAST(asked.received_at AS TIMESTAMP)) + INTERVAL '5 hours' AS DATE)
        AS DOUBLE) AS days
    FROM system.requests AS asked
    CROSS JOIN moment
    LEFT JOIN story ON story.request = asked.id
    WHERE CAST(asked.received_at AS TIMESTAMP) <= moment.as_of
),
clock AS (
    SELECT
        body,
        count(*) FILTER (WHERE clock = 'publication' AND done_at IS NULL AND is_met = false) AS overdue,
        round(avg(CASE WHEN is_met THEN 1.0 ELSE 0.0 END)
            FILTER (WHERE clock IN ('publication', 'refusal') AND is_met IS NOT NULL), 4) AS in_time_share
    FROM assess.requests_clock
    GROUP BY body
),
total AS (
    SELECT
        body,
        count(*) AS received,
        count(*) FILTER (WHERE decided_at IS NOT NULL AND NOT is_refused) AS published,
        count(*) FILTER (WHERE is_refused) AS refused,
        count(*) FILTER (WHERE decided_at IS NULL) AS open,
        round(median(days) FILTER (WHERE days IS NOT NULL), 2) AS median_days,
        round(avg(days), 2) AS mean_days
    FROM decided
    GROUP BY body
)
SELECT
    total.body,
    total.received,
    total.published,
    total.refused,
    total.open,
    coalesce(clock.overdue, 0) AS overdue,
    clock.in_time_share,
    total.median_days,
    total.mean_days
FROM total LEFT JOIN clock ON clock.body = total.body
ORDER BY total.body
