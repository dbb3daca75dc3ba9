-- Where do people look for what is near?
--
-- From look-ups of the nearest rows. A place is the H3 cell of resolution 7, some 5 km², from which somebody asked.
--
-- Inputs: system.look_ups: sums by the day, in UTC.
--
-- param as_of Date = now: later days do not count
-- column dataset String: in which was looked
-- column cell String: the H3 cell
-- column look_ups Int [look-ups]: from there
-- column without_result Int [look-ups]: that found nothing
-- column last_day Date: when the last was
SELECT
    dataset,
    cell,
    CAST(sum(look_ups) AS BIGINT) AS look_ups,
    CAST(sum(without_result) AS BIGINT) AS without_result,
    max(day) AS last_day
FROM system.look_ups
WHERE CAST(day AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
GROUP BY dataset, cell
ORDER BY dataset, look_ups DESC, cell
