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
event AS (
    SELECT request, event, CAST(at AS TIMESTAMP) AS at
    FROM system.request_events CROSS JOIN moment
    WHERE CAST(at AS TIMESTAMP) <= moment.as_of
),
story AS (
    SELECT
        request.id,
        request.body,
        CAST(CAST(request.received_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS received,
        CAST(min(event.at) FILTER (WHERE event.event = 'sent') + INTERVAL '5 hours' AS DATE) AS sent,
        min(event.at) FILTER (WHERE event.event IN ('published', 'refused')) AS decided_at,
        min(event.at) FILTER (WHERE event.event = 'refused') AS refused_at
    FROM system.requests AS request
    CROSS JOIN moment
    LEFT JOIN event ON event.request = request.id
    WHERE CAST(request.received_at AS TIMESTAMP) <= moment.as_of
    GROUP BY request.id, request.body, request.received_at
),
decided AS (
    SELECT
        *,
        coalesce(refused_at = decided_at, false) AS is_refused,
        CAST(CAST(decided_at + INTERVAL '5 hours' AS DATE) - coalesce(sent, received) AS DOUBLE) AS days
    FROM story
),
clock AS (
    SELECT
        body,
        count(*) FILTER (WHERE clock = 'publication' AND done_at IS NULL AND is_met = false) AS overdue,
        round(avg(CASE WHEN is_met THEN 1.0 ELSE 0.0 END)
            FILTER (WHERE clock IN ('publication', 'refusal') AND is_met IS NOT NULL), 4) AS in_time_share
    FROM assess.requests_clock
    GROUP BY body
)
SELECT
    decided.body,
    count(*) AS received,
    count(*) FILTER (WHERE decided_at IS NOT NULL AND NOT is_refused) AS published,
    count(*) FILTER (WHERE is_refused) AS refused,
    count(*) FILTER (WHERE decided_at IS NULL) AS open,
    max(clock.overdue) AS overdue,
    max(clock.in_time_share) AS in_time_share,
    round(median(days) FILTER (WHERE days IS NOT NULL), 2) AS median_days,
    round(avg(days), 2) AS mean_days
FROM decided LEFT JOIN clock ON clock.body = decided.body
GROUP BY decided.body
ORDER BY decided.body
