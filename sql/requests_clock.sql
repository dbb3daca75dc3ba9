-- Which clocks run for each request, when are they due, and were they met?
--
-- Order 144, paragraphs 8 to 10; assess.requests_story says when each begins and is due. The user is to be told on the day
-- of the decision. The publication clock runs from receipt unless the request is refused. The refusal clock is there for
-- requests that were refused, and for those without a decision as long as a refusal would be in time.
--
-- Inputs: assess.requests_story.
--
-- param as_of Date = now: what happened later does not count
-- column request String: the request
-- column body String: the body that is asked
-- column clock String: processing, publication, refusal or notification
-- column due Date: the last day in time
-- column done_at Date: when it was done, in UTC; empty while it is not
-- column is_met Boolean: whether it was done in time; empty while it can be
-- column days_left Int [days]: from the day it was done, or from as_of, to the due date; negative is late
WITH moment AS (
    SELECT CAST(CAST($as_of AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS today
),
counted AS (
    SELECT
        story.request,
        story.body,
        kind.clock,
        moment.today,
        CASE kind.clock
            WHEN 'processing' THEN story.processing_due
            WHEN 'publication' THEN story.publication_due
            WHEN 'refusal' THEN story.refusal_due
            ELSE CAST(story.decided_at + INTERVAL '5 hours' AS DATE)
        END AS due,
        CASE kind.clock
            WHEN 'processing' THEN story.worked_at
            WHEN 'notification' THEN story.notified_at
            ELSE story.decided_at
        END AS done_at
    FROM moment
    CROSS JOIN (VALUES ('processing'), ('publication'), ('refusal'), ('notification')) AS kind (clock)
    CROSS JOIN assess.requests_story AS story
    WHERE CASE kind.clock
        WHEN 'processing' THEN true
        WHEN 'publication' THEN story.receipt IS NOT NULL AND NOT story.is_refused
        WHEN 'refusal' THEN story.receipt IS NOT NULL
            AND (story.is_refused OR story.decided_at IS NULL AND coalesce(coalesce(story.refusal_due, story.publication_due) >= moment.today, true))
        ELSE story.decided_at IS NOT NULL
    END
),
timed AS (
    SELECT *, due - coalesce(CAST(done_at + INTERVAL '5 hours' AS DATE), today) AS days_left
    FROM counted
)
SELECT
    request,
    body,
    clock,
    due,
    done_at,
    CASE WHEN done_at IS NOT NULL THEN days_left >= 0 WHEN days_left < 0 THEN false END AS is_met,
    days_left
FROM timed
ORDER BY request, clock
