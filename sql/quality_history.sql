-- How did the score of each dataset change from day to day?
--
-- A row for each day in Kazakhstan on which the store kept a measure, the last one of that day: on days between two
-- rows nothing changed. Scores are compared where the same algorithm judged with the same weights.
--
-- Inputs: system.quality, system.quality_parts.
--
-- param as_of Date = now: what was measured later does not count
-- column dataset String: the dataset
-- column day Date: the day in Kazakhstan
-- column version Int: the version that was measured
-- column algorithm Int: the number of weights and rules
-- column score Double [100]: the score
-- column change Double [points]: against the row before; empty for the first one, and where it was judged otherwise
-- column parts String: which parts changed, by how many points; new: it was not judged before; gone: not any more
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
measured AS (
    SELECT
        kept.measure,
        kept.dataset,
        kept.version,
        kept.algorithm,
        kept.score,
        CAST(CAST(kept.measured_at AS TIMESTAMP) + INTERVAL '5 hours' AS DATE) AS day
    FROM moment CROSS JOIN system.quality AS kept
    WHERE CAST(kept.measured_at AS TIMESTAMP) <= moment.as_of
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY dataset, day ORDER BY measure DESC) AS rank FROM measured
),
daily AS (
    SELECT
        measure,
        dataset,
        day,
        version,
        algorithm,
        score,
        lag(measure) OVER (PARTITION BY dataset ORDER BY day) AS former,
        lag(algorithm) OVER (PARTITION BY dataset ORDER BY day) AS algorithm_before,
        lag(score) OVER (PARTITION BY dataset ORDER BY day) AS score_before
    FROM ranked
    WHERE rank = 1
),
judged AS (
    SELECT
        daily.measure,
        piece.part,
        piece.weight,
        piece.points,
        CAST(NULL AS DOUBLE) AS weight_before,
        CAST(NULL AS DOUBLE) AS points_before
    FROM daily JOIN system.quality_parts AS piece ON piece.measure = daily.measure
    WHERE daily.former IS NOT NULL
    UNION ALL
    SELECT
        daily.measure,
        piece.part,
        CAST(NULL AS DOUBLE) AS weight,
        CAST(NULL AS DOUBLE) AS points,
        piece.weight AS weight_before,
        piece.points AS points_before
    FROM daily JOIN system.quality_parts AS piece ON piece.measure = daily.former
),
pair AS (
    SELECT
        measure,
        part,
        max(points) AS points,
        max(points_before) AS points_before,
        max(weight) <> max(weight_before) AS is_reweighed
    FROM judged
    GROUP BY measure, part
),
compared AS (
    SELECT
        measure,
        count(*) FILTER (WHERE is_reweighed) AS reweighed,
        string_agg(
            part || CASE
                WHEN points_before IS NULL THEN ' new'
                WHEN points IS NULL THEN ' gone'
                WHEN points > points_before THEN ' +' || CAST(round(points - points_before, 2) AS VARCHAR)
                ELSE ' ' || CAST(round(points - points_before, 2) AS VARCHAR)
            END,
            '; ' ORDER BY part
        ) FILTER (WHERE points IS DISTINCT FROM points_before) AS parts
    FROM pair
    GROUP BY measure
)
SELECT
    daily.dataset,
    daily.day,
    daily.version,
    daily.algorithm,
    daily.score,
    CASE
        WHEN daily.algorithm = daily.algorithm_before AND compared.reweighed = 0
        THEN round(daily.score - daily.score_before, 1)
    END AS change,
    CASE WHEN daily.algorithm = daily.algorithm_before AND compared.reweighed = 0 THEN compared.parts END AS parts
FROM daily
LEFT JOIN compared ON compared.measure = daily.measure
ORDER BY dataset, day
