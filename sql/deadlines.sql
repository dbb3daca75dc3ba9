-- When was each planned dataset due, which version met it, and when is it due next?
--
-- Orders 113 and 38 of 2016. Each due date has a window of its own: from the day after the period (or from 1 January,
-- or Monday) to the day before the next one's window; the first version within it meets it, in time up to the due date.
-- A version published before a period has ended cannot be about it, and a late one does not count for the next date.
-- Due dates do not move when they fall on a day off: no order says so.
--
-- Inputs: assess.plan, assess.plan_matches, system.versions.
--
-- param as_of Date = now: what was published later does not count
-- param since Date = 2026-01-01: due dates before it are not judged
-- param last Int = 4: of how many due dates `met` counts
-- column list String: the list
-- column number Int: the row of the list
-- column part Int: which of several deadlines
-- column name String: the planned dataset
-- column rule String: how the deadline is computed
-- column dataset String: the dataset; empty where there is none
-- column matched_by String: apiUri or name
-- column last_due Date: the last due date that has passed
-- column next_due Date: the next one, today included
-- column met_version Int: the first version in the window of last_due
-- column met_at Date: when it was published, in UTC
-- column days_late Int [days]: how late it was, or has been until as_of
-- column met Int: how many of the last due dates were met in time
-- column of_last Int: of how many
-- column state String: met, late, missed, upcoming, waits_for_event or unknown (deadline_text of assess.plan says why)
WITH moment AS (
    SELECT
        CAST($as_of AS TIMESTAMP) AS as_of,
        CAST(CAST($as_of AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS today,
        CAST($since AS DATE) AS since
),
month AS (
    SELECT unnest(generate_series(
        (CAST(date_part('year', since) AS BIGINT) - 2) * 12,
        (CAST(date_part('year', today) AS BIGINT) + 3) * 12
    )) AS month
    FROM moment
),
first_day AS (
    SELECT
        month,
        make_date(CAST(month / 12 AS INT), CAST(month % 12 + 1 AS INT), 1) AS day,
        make_date(CAST((month + 1) / 12 AS INT), CAST((month + 1) % 12 + 1 AS INT), 1) AS next_day
    FROM month
),
planned AS (
    SELECT
        *,
        lag(month) OVER (PARTITION BY list, number ORDER BY month, day, part) AS month_before,
        lag(day) OVER (PARTITION BY list, number ORDER BY month, day, part) AS day_before,
        CASE period WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'half-yearly' THEN 6 WHEN 'yearly' THEN 12 END
            AS period_months
    FROM assess.plan
),
due AS (
    SELECT
        planned.list, planned.number, planned.part,
        first_day.day + (least(planned.day, first_day.next_day - first_day.day) - 1) AS due,
        CASE
            -- Of two dates in one month the later one's window begins after the first.
            WHEN month_before = planned.month
            THEN first_day.day + least(day_before, first_day.next_day - first_day.day)
            ELSE make_date(CAST(first_day.month / 12 AS INT), CAST(coalesce(month_before, 0) + 1 AS INT), 1)
        END AS window_from
    FROM planned JOIN first_day ON first_day.month % 12 + 1 = planned.month
    WHERE planned.rule IN ('day_of_year', 'days_of_year')
    UNION ALL
    SELECT
        planned.list, planned.number, planned.part,
        first_day.day + (least(planned.day, first_day.next_day - first_day.day) - 1),
        CAST(first_day.day - CAST((planned.n - 1) || ' months' AS INTERVAL) AS DATE)
    FROM first_day CROSS JOIN planned
    WHERE planned.rule = 'day_after_period' AND (first_day.month - (planned.n - 1)) % planned.period_months = 0
    UNION ALL
    SELECT planned.list, planned.number, planned.part, monday.day + (planned.weekday - 1), monday.day
    FROM planned CROSS JOIN (
        SELECT CAST(date_trunc('week', since) AS DATE) - 364 + CAST(week * 7 AS INT) AS day
        FROM moment CROSS JOIN (SELECT unnest(generate_series(0, 2000)) AS week)
        WHERE CAST(date_trunc('week', since) AS DATE) - 364 + CAST(week * 7 AS INT) < moment.today + 400
    ) AS monday
    WHERE planned.rule = 'weekday'
),
windowed AS (
    SELECT
        due.*,
        lead(window_from) OVER (PARTITION BY list, number ORDER BY window_from, due) - 1 AS window_to
    FROM due
),
version AS (
    SELECT
        dataset, version,
        CAST(published_at AS TIMESTAMP) AS published_at,
        CAST(CAST(published_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS day
    FROM moment CROSS JOIN system.versions
    WHERE CAST(published_at AS TIMESTAMP) <= moment.as_of AND NOT is_deleted
),
judged AS (
    SELECT
        windowed.list, windowed.number, windowed.part, windowed.due,
        min(version.published_at) AS met_at,
        min(version.version) AS met_version,
        row_number() OVER (
            PARTITION BY windowed.list, windowed.number, windowed.part ORDER BY windowed.due DESC
        ) AS rank,
        coalesce(bool_or(version.day <= windowed.due), false) AS is_met
    FROM windowed
    CROSS JOIN moment
    LEFT JOIN assess.plan_matches AS matched
        ON matched.list = windowed.list AND matched.number = windowed.number
    LEFT JOIN version
        ON version.dataset = matched.dataset AND version.day >= windowed.window_from
        AND (windowed.window_to IS NULL OR version.day <= windowed.window_to)
    WHERE windowed.due >= moment.since AND windowed.due < moment.today
    GROUP BY windowed.list, windowed.number, windowed.part, windowed.due
),
past AS (
    SELECT
        list, number, part,
        max(due) FILTER (WHERE rank = 1) AS last_due,
        max(met_at) FILTER (WHERE rank = 1) AS met_at,
        max(met_version) FILTER (WHERE rank = 1) AS met_version,
        count(*) FILTER (WHERE is_met) AS met,
        count(*) AS of_last
    FROM judged
    WHERE rank <= $last
    GROUP BY list, number, part
),
following AS (
    SELECT list, number, part, min(due) AS next_due
    FROM moment CROSS JOIN due
    WHERE due >= moment.today AND due >= moment.since
    GROUP BY list, number, part
),
counted AS (
    SELECT
        past.*,
        greatest(coalesce(CAST(met_at + INTERVAL '5 hours' AS DATE), moment.today) - last_due, 0) AS days_late
    FROM moment CROSS JOIN past
)
SELECT
    planned.list,
    planned.number,
    planned.part,
    planned.name,
    planned.rule,
    matched.dataset,
    matched.matched_by,
    counted.last_due,
    following.next_due,
    counted.met_version,
    counted.met_at,
    counted.days_late,
    coalesce(counted.met, 0) AS met,
    coalesce(counted.of_last, 0) AS of_last,
    CASE
        WHEN planned.rule LIKE '%_event' THEN 'waits_for_event'
        WHEN planned.rule NOT IN ('day_of_year', 'days_of_year', 'day_after_period', 'weekday') THEN 'unknown'
        WHEN counted.last_due IS NULL THEN 'upcoming'
        WHEN counted.met_at IS NULL THEN 'missed'
        WHEN counted.days_late > 0 THEN 'late'
        ELSE 'met'
    END AS state
FROM planned
LEFT JOIN assess.plan_matches AS matched ON matched.list = planned.list AND matched.number = planned.number
LEFT JOIN counted
    ON counted.list = planned.list AND counted.number = planned.number AND counted.part = planned.part
LEFT JOIN following
    ON following.list = planned.list AND following.number = planned.number AND following.part = planned.part
ORDER BY planned.list, planned.number, planned.part
