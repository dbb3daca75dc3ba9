-- How many requests came in each month, and what became of them?
--
-- Order 144, paragraph 8: the integrator works month by month. Decisions count in the month in which they were made.
--
-- Inputs: assess.requests_story.
--
-- param as_of Date = now: what happened later does not count
-- column month Date: its first day, in Kazakhstan
-- column received Int [requests]: came in
-- column published Int [requests]: decided by a publication
-- column refused Int [requests]: decided by a refusal
SELECT
    CAST(date_trunc('month', day) AS DATE) AS month,
    count(*) FILTER (WHERE what = 'received') AS received,
    count(*) FILTER (WHERE what = 'published') AS published,
    count(*) FILTER (WHERE what = 'refused') AS refused
FROM (
    SELECT
        CASE kind.what
            WHEN 'received' THEN story.received
            ELSE CAST(story.decided_at + INTERVAL '5 hours' AS DATE)
        END AS day,
        CASE WHEN kind.what = 'received' THEN 'received' WHEN story.is_refused THEN 'refused' ELSE 'published' END AS what
    FROM (VALUES ('received'), ('decided')) AS kind (what) CROSS JOIN assess.requests_story AS story
    WHERE (kind.what = 'received' OR story.decided_at IS NOT NULL) AND CAST($as_of AS TIMESTAMP) IS NOT NULL
)
GROUP BY month
ORDER BY month
