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
    SELECT request, event, CAST(at AS TIMESTAMP) AS at
    FROM system.request_events CROSS JOIN moment
    WHERE CAST(at AS TIMESTAMP) <= moment.as_of
),
story AS (
    SELECT
        request.id,
        request.body,
        CAST(CAST(request.received_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS received,
        min(event.at) FILTER (WHERE event.event = 'sent') AS sent_at,
        min(event.at) FILTER (WHERE event.event IN ('published', 'refused')) AS decided_at,
        min(event.at) FILTER (WHERE event.event = 'refused') AS refused_at,
        min(event.at) FILTER (WHERE event.event IN ('processed', 'sent', 'published', 'refused')) AS worked_at
    FROM system.requests AS request
    CROSS JOIN moment
    LEFT JOIN event ON event.request = request.id
    WHERE CAST(request.received_at AS TIMESTAMP) <= moment.as_of
    GROUP BY request.id, request.body, request.received_at
),
told AS (
    SELECT story.id, min(event.at) AS notified_at
    FROM story JOIN event ON event.request = story.id AND event.event = 'notified'
    WHERE event.at >= story.decided_at
    GROUP BY story.id
),
known AS (
    SELECT
        story.*,
        told.notified_at,
        coalesce(refused_at = decided_at, false) AS is_refused,
        CASE
            WHEN sent_at IS NOT NULL THEN CAST(sent_at + INTERVAL '5 hours' AS DATE)
            WHEN decided_at IS NOT NULL THEN received
        END AS receipt
    FROM story LEFT JOIN told ON told.id = story.id
),
clock AS (
    SELECT
        id, body, 'processing' AS clock, worked_at AS done_at,
        CAST(date_trunc('month', received) + INTERVAL '1 month' AS DATE) + (rule.process_by_day - 1) AS due
    FROM known CROSS JOIN rule
    UNION ALL
    SELECT id, body, 'publication', decided_at, receipt + rule.publish_days
    FROM known CROSS JOIN rule
    WHERE receipt IS NOT NULL AND NOT is_refused
    UNION ALL
    SELECT id, body, 'refusal', decided_at, try_add_working_days(receipt, rule.refuse_working_days)
    FROM known CROSS JOIN rule CROSS JOIN moment
    WHERE receipt IS NOT NULL
        AND (is_refused OR decided_at IS NULL
            AND coalesce(try_add_working_days(receipt, rule.refuse_working_days) >= moment.today, true))
    UNION ALL
    SELECT id, body, 'notification', notified_at, CAST(decided_at + INTERVAL '5 hours' AS DATE)
    FROM known
    WHERE decided_at IS NOT NULL
),
counted AS (
    SELECT
        clock.*,
        due - coalesce(CAST(done_at + INTERVAL '5 hours' AS DATE), moment.today) AS days_left
    FROM clock CROSS JOIN moment
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
