-- What happened to each request, when, and by when should it have?
--
-- Order 144, paragraphs 8 to 10. The integrator processes the requests of a month by a day of the next one; the body
-- publishes within so many days from the day on which it got the request, or refuses within so many working days. A
-- body gets a request when the integrator sends it, so its clocks run from the first event `sent`; what was decided
-- without one was got when it was received. The decision is the first event `published` or `refused`, and the user is
-- told by the first `notified` from then on. A day is one of Kazakhstan (UTC+5), the day of the event is day 0, a due
-- date is the last day in time and does not move. The numbers are those that are in force at as_of.
--
-- Inputs: system.requests, system.request_events, assess.rules, the calendar of working days.
--
-- param as_of Date = now: what happened later does not count
-- column request String: the request
-- column body String: the body that is asked
-- column received Date: the day on which it came
-- column receipt Date: the day on which the body got it; empty while it has not
-- column sent_at Date: when it was first sent to the body, in UTC
-- column worked_at Date: when the integrator, or else the body, first did something, in UTC
-- column decided_at Date: when it was decided, in UTC
-- column is_refused Boolean: whether by a refusal; false where nothing is decided
-- column notified_at Date: when the user was told of the decision, in UTC
-- column processing_due Date: the last day for the integrator
-- column publication_due Date: the last day for a publication; empty without receipt
-- column refusal_due Date: the last day for a refusal; empty without receipt, and in years whose holidays are not known
WITH rule AS (
    SELECT
        max(value) FILTER (WHERE code = 'requests.process_by_day') AS process_by_day,
        max(value) FILTER (WHERE code = 'requests.publish_days') AS publish_days,
        max(value) FILTER (WHERE code = 'requests.refuse_working_days') AS refuse_working_days
    FROM assess.rules
    WHERE coalesce(in_force_from <= CAST($as_of AS DATE), true)
        AND coalesce(in_force_until >= CAST($as_of AS DATE), true)
),
-- Once over the events: of each request the first of its kind.
happened AS (
    SELECT
        request,
        min(at) FILTER (WHERE event = 'sent') AS sent_at,
        min(at) FILTER (WHERE event IN ('published', 'refused')) AS decided_at,
        min(at) FILTER (WHERE event = 'refused') AS refused_at,
        min(at) FILTER (WHERE event <> 'notified') AS worked_at,
        array_agg(at) FILTER (WHERE event = 'notified') AS notices
    FROM (SELECT request, event, CAST(at AS TIMESTAMP) AS at FROM system.request_events)
    WHERE at <= CAST($as_of AS TIMESTAMP)
    GROUP BY request
),
known AS (
    SELECT
        request.id,
        request.body,
        CAST(CAST(request.received_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS received,
        CAST(
            CASE
                -- What was noted as sent after the decision was got before it all the same.
                WHEN sent_at <= coalesce(decided_at, sent_at) THEN sent_at
                WHEN decided_at IS NOT NULL THEN CAST(request.received_at AS TIMESTAMP)
            END + INTERVAL '5 hours' AS DATE
        ) AS receipt,
        sent_at,
        worked_at,
        decided_at,
        coalesce(refused_at = decided_at, false) AS is_refused,
        -- The first notice from the decision on: it comes after the decision where both are sorted.
        CASE
            WHEN notices IS NULL OR decided_at IS NULL THEN NULL
            WHEN array_length(notices) = 1 THEN CASE WHEN notices[1] >= decided_at THEN notices[1] END
            ELSE array_sort(array_append(notices, decided_at))[
                CAST(array_position(array_sort(array_append(notices, decided_at)), decided_at) AS BIGINT) + 1
            ]
        END AS notified_at
    FROM system.requests AS request
    LEFT JOIN happened ON happened.request = request.id
    WHERE CAST(request.received_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
)
SELECT
    id AS request,
    body,
    received,
    receipt,
    sent_at,
    worked_at,
    decided_at,
    is_refused,
    notified_at,
    CAST(date_trunc('month', received) + INTERVAL '1 month' AS DATE) + (rule.process_by_day - 1) AS processing_due,
    receipt + rule.publish_days AS publication_due,
    try_add_working_days(receipt, rule.refuse_working_days) AS refusal_due
FROM rule CROSS JOIN known
ORDER BY request
