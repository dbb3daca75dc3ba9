-- Which clocks run for each request, when are they due, and were they met?
--
-- Order 144, paragraphs 8 to 10. The integrator processes the requests of a month by a day of the next one; the body
-- publishes within so many days from the day on which it got the request, or refuses within so many working days; the
-- user is told when the decision is made. A body gets a request when the integrator sends it, so its clocks run from
-- the first event `sent`. The decision is the first event `published` or `refused`. A day is one of Kazakhstan
-- (UTC+5), the day of the event is day 0, a due date is the last day in time and does not move. The refusal clock is
-- there for requests that were refused, and for those without a decision as long as a refusal would be in time; it has
-- no due date in years whose holidays are not known.
--
-- Inputs: system.requests, system.request_events, assess.rules, the calendar of working days.
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
    SELECT
        CAST($as_of AS TIMESTAMP) AS as_of,
        CAST(CAST($as_of AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS today
),
rule AS (
    SELECT
        max(value) FILTER (WHERE code = 'requests.process_by_day') AS process_by_day,
        max(value) FILTER (WHERE code = 'requests.publish_days') AS publish_days,
        max(value) FILTER (WHERE code = 'requests.refuse_working_days') AS refuse_working_days
    FROM assess.rules
),
event AS (
    SELECT
        request,
        event,
        CAST(at AS TIMESTAMP) AS at,
        min(CASE WHEN event IN ('published', 'refused') THEN CAST(at AS TIMESTAMP) END)
            OVER (PARTITION BY request) AS decided_at
    FROM system.request_events CROSS JOIN moment
    WHERE CAST(at AS TIMESTAMP) <= moment.as_of
),
story AS (
    SELECT
        request,
        max(decided_at) AS decided_at,
        min(at) FILTER (WHERE event = 'sent') AS sent_at,
        coalesce(bool_or(event = 'refused' AND at = decided_at), false) AS is_refused,
        min(at) FILTER (WHERE event IN ('processed', 'sent', 'published', 'refused')) AS worked_at,
        min(at) FILTER (WHERE event = 'notified' AND at >= decided_at) AS notified_at
    FROM event
    GROUP BY request
),
known AS (
    SELECT
        asked.id,
        asked.body,
        CAST(CAST(asked.received_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS received,
        story.decided_at,
        story.worked_at,
        story.notified_at,
        coalesce(story.is_refused, false) AS is_refused,
        CAST(coalesce(
            story.sent_at,
            CASE WHEN story.decided_at IS NOT NULL THEN CAST(asked.received_at AS TIMESTAMP) END
        ) + INTERVAL '5 hours' AS DATE) AS receipt
    FROM system.requests AS asked
    CROSS JOIN moment
    LEFT JOIN story ON story.request = asked.id
    WHERE CAST(asked.received_at AS TIMESTAMP) <= moment.as_of
),
clock AS (
    SELECT
        id,
        body,
        clock,
        is_refused,
        decided_at,
        CASE clock WHEN 'processing' THEN worked_at WHEN 'notification' THEN notified_at ELSE decided_at END AS done_at,
        CASE clock
            WHEN 'processing'
            THEN CAST(date_trunc('month', received) + INTERVAL '1 month' AS DATE) + (rule.process_by_day - 1)
            WHEN 'publication' THEN receipt + rule.publish_days
            WHEN 'refusal' THEN try_add_working_days(receipt, rule.refuse_working_days)
            ELSE CAST(decided_at + INTERVAL '5 hours' AS DATE)
        END AS due
    FROM known
    CROSS JOIN rule
    CROSS JOIN (VALUES ('processing'), ('publication'), ('refusal'), ('notification')) AS kind (clock)
    WHERE CASE clock
        WHEN 'processing' THEN true
        WHEN 'notification' THEN decided_at IS NOT NULL
        WHEN 'publication' THEN receipt IS NOT NULL AND NOT is_refused
        ELSE receipt IS NOT NULL AND (is_refused OR decided_at IS NULL)
    END
),
counted AS (
    SELECT
        clock.*,
        due - coalesce(CAST(done_at + INTERVAL '5 hours' AS DATE), moment.today) AS days_left
    FROM clock CROSS JOIN moment
    WHERE clock.clock <> 'refusal' OR is_refused OR due IS NULL OR due >= moment.today
)
SELECT
    id AS request,
    body,
    clock,
    due,
    done_at,
    CASE WHEN done_at IS NOT NULL THEN days_left >= 0 WHEN days_left < 0 THEN false END AS is_met,
    days_left
FROM counted
ORDER BY request, clock
