-- How does one request stand, and which of its clocks run?
--
-- Order 144, paragraphs 7 to 10. A row for each clock of assess.requests_clock, with the rule that sets it. The state is
-- the decision that came first, else how far the request has come. The request is named as in system.requests, where
-- those that got their names here are #1, #2, …: this tells nothing that the tables do not tell, and no secret name.
--
-- Inputs: assess.requests_story, assess.requests_clock, assess.rules.
--
-- param request String: the request, as system.requests names it
-- param as_of Date = now: what happened later does not count
-- column state String: received, processed, sent, published or refused
-- column clock String: processing, publication, refusal or notification
-- column due Date: the last day in time
-- column done_at Date: when it was done, in UTC; empty while it is not
-- column is_met Boolean: whether it was done in time; empty while it can be
-- column days_left Int [days]: from the day it was done, or from as_of, to the due date; negative is late
-- column allowed Int: the number of the rule, in its unit; 0 days is at once
-- column unit String: day_of_month (of the next month), days or working_days
-- column law_order String: the order of the rule
-- column paragraph String: its paragraph
WITH stand AS (
    SELECT
        CASE
            WHEN is_refused THEN 'refused'
            WHEN decided_at IS NOT NULL THEN 'published'
            WHEN sent_at IS NOT NULL THEN 'sent'
            WHEN worked_at IS NOT NULL THEN 'processed'
            ELSE 'received'
        END AS state
    FROM assess.requests_story
    WHERE request = $request
),
running AS (
    SELECT
        clock,
        due,
        done_at,
        is_met,
        days_left,
        CASE clock
            WHEN 'processing' THEN 'requests.process_by_day'
            WHEN 'publication' THEN 'requests.publish_days'
            WHEN 'refusal' THEN 'requests.refuse_working_days'
            ELSE 'requests.notify_days'
        END AS code
    FROM assess.requests_clock
    WHERE request = $request
)
SELECT
    stand.state,
    running.clock,
    running.due,
    running.done_at,
    running.is_met,
    running.days_left,
    rule.value AS allowed,
    rule.unit,
    rule.law_order,
    rule.paragraph
FROM stand
CROSS JOIN running
LEFT JOIN (
    SELECT code, value, unit, law_order, paragraph
    FROM assess.rules
    WHERE coalesce(in_force_from <= CAST($as_of AS DATE), true)
        AND coalesce(in_force_until >= CAST($as_of AS DATE), true)
) AS rule ON rule.code = running.code
ORDER BY running.clock
