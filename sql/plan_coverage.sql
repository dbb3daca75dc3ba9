-- How much of the plan has each unit published, and on time?
--
-- On time is a planned dataset whose last due date was met, with none that is late or missed; where nothing can be
-- computed, nothing shows that it is.
--
-- Inputs: assess.plan_matches, assess.deadlines, assess.published.
--
-- param as_of Date = now: what was published later does not count
-- param since Date = 2026-01-01: due dates before it are not judged
-- column list String: the list
-- column unit String: who is responsible
-- column planned Int [datasets]: that it owes
-- column published Int [datasets]: that have a version
-- column on_time Int [datasets]: of these, whose last due date was met
WITH state AS (
    SELECT
        list, number,
        bool_or(state = 'met') AND NOT bool_or(state IN ('late', 'missed')) AS is_on_time
    FROM assess.deadlines
    WHERE CAST($since AS DATE) IS NOT NULL AND CAST($as_of AS TIMESTAMP) IS NOT NULL
    GROUP BY list, number
)
SELECT
    matched.list,
    matched.unit,
    count(*) AS planned,
    count(published.dataset) AS published,
    count(*) FILTER (WHERE state.is_on_time AND published.dataset IS NOT NULL) AS on_time
FROM assess.plan_matches AS matched
LEFT JOIN assess.published AS published ON published.dataset = matched.dataset
LEFT JOIN state ON state.list = matched.list AND state.number = matched.number
GROUP BY matched.list, matched.unit
ORDER BY matched.list, matched.unit
