-- How are the clocks of order 144 kept, the integrator's and the bodies'?
--
-- Paragraphs 8 to 10. One row a clock: of the integrator processing (paragraph 8), of the bodies publication and refusal
-- (paragraph 9), of the portal notification (paragraph 10).
--
-- Inputs: assess.requests_clock.
--
-- param as_of Date = now: what happened later does not count
-- column clock String: processing, publication, refusal or notification
-- column requests Int [requests]: that have it
-- column met Int [requests]: done in time
-- column late Int [requests]: done, but late
-- column overdue Int [requests]: not done, and late
-- column running Int [requests]: not done, and not yet due
-- column longest_days Int [days]: of those that are overdue, how long the longest has been
SELECT
    clock,
    count(*) AS requests,
    count(*) FILTER (WHERE done_at IS NOT NULL AND is_met) AS met,
    count(*) FILTER (WHERE done_at IS NOT NULL AND NOT is_met) AS late,
    count(*) FILTER (WHERE done_at IS NULL AND is_met = false) AS overdue,
    count(*) FILTER (WHERE done_at IS NULL AND is_met IS NULL) AS running,
    CAST(-min(days_left) FILTER (WHERE done_at IS NULL AND is_met = false) AS BIGINT) AS longest_days
FROM assess.requests_clock
WHERE CAST($as_of AS TIMESTAMP) IS NOT NULL
GROUP BY clock
ORDER BY clock
