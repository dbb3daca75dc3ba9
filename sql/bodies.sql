-- How do the bodies answer what they are asked for?
--
-- Order 144, paragraph 9. A request is overdue where the day by which it should be published has passed and nothing is
-- decided; the integrator's delays are not the body's. In time are decisions within the clocks of publication and
-- refusal; what is overdue counts as not in time.
--
-- Inputs: assess.requests_story.
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
WITH story AS (
    SELECT
        body,
        decided_at,
        is_refused,
        publication_due,
        refusal_due,
        CAST(decided_at + INTERVAL '5 hours' AS DATE) AS decided,
        CAST(CAST(decided_at + INTERVAL '5 hours' AS DATE) - receipt AS DOUBLE) AS days,
        decided_at IS NULL
            AND coalesce(publication_due < CAST(CAST($as_of AS TIMESTAMP) + INTERVAL '5 hours' AS DATE), false)
            AS is_overdue
    FROM assess.requests_story
)
SELECT
    body,
    count(*) AS received,
    count(*) FILTER (WHERE decided_at IS NOT NULL AND NOT is_refused) AS published,
    count(*) FILTER (WHERE is_refused) AS refused,
    count(*) FILTER (WHERE decided_at IS NULL) AS open,
    count(*) FILTER (WHERE is_overdue) AS overdue,
    round(avg(
        CASE
            WHEN is_refused THEN CASE WHEN decided <= refusal_due THEN 1.0 WHEN decided > refusal_due THEN 0.0 END
            WHEN decided_at IS NOT NULL THEN CASE WHEN decided <= publication_due THEN 1.0 ELSE 0.0 END
            WHEN is_overdue THEN 0.0
        END
    ), 4) AS in_time_share,
    round(median(days) FILTER (WHERE days IS NOT NULL), 2) AS median_days,
    round(avg(days), 2) AS mean_days
FROM story
GROUP BY body
ORDER BY body
