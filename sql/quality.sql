-- How good is each dataset, in points of 100?
--
-- The parts of assess.quality_parts side by side, metadata with labels. A part that a dataset cannot have (no
-- references, no points, not in the plan) is empty and leaves its points to the others. The change is against the
-- last measure that the store has from a month before or earlier, where that was judged by the same algorithm and
-- weights.
--
-- Inputs: assess.quality_parts, system.quality, system.quality_parts.
--
-- param as_of Date = now: the moment of freshness, and the end of the month of the change
-- column dataset String: the dataset
-- column score Double [100]: the sum, of 100
-- column change Double [points]: of the score, against a month before
-- column metadata Double [25]: metadata and labels in both languages
-- column types Double [25]: values of their type
-- column nulls Double [10]: fields that some row has
-- column key Double [15]: a key that holds
-- column refs Double [10]: references that resolve
-- column geo Double [10]: points in the country
-- column freshness Double [5]: age against the plan's period
WITH former AS (
    SELECT dataset, measure, algorithm, score
    FROM (
        SELECT
            dataset,
            measure,
            algorithm,
            score,
            row_number() OVER (PARTITION BY dataset ORDER BY measure DESC) AS rank
        FROM system.quality
        WHERE CAST(measured_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP) - INTERVAL '1 month'
    )
    WHERE rank = 1
)
SELECT
    now_judged.dataset,
    max(now_judged.score) AS score,
    CASE
        WHEN count(*) FILTER (WHERE then_judged.weight <> now_judged.weight) = 0
        THEN round(max(now_judged.score) - max(former.score), 1)
    END AS change,
    round(sum(now_judged.points) FILTER (WHERE now_judged.part IN ('metadata', 'labels')), 1) AS metadata,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'types'), 1) AS types,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'nulls'), 1) AS nulls,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'key'), 1) AS key,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'refs'), 1) AS refs,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'geo'), 1) AS geo,
    round(max(now_judged.points) FILTER (WHERE now_judged.part = 'freshness'), 1) AS freshness
FROM assess.quality_parts AS now_judged
LEFT JOIN former ON former.dataset = now_judged.dataset AND former.algorithm = now_judged.algorithm
LEFT JOIN system.quality_parts AS then_judged
    ON then_judged.measure = former.measure AND then_judged.part = now_judged.part
GROUP BY now_judged.dataset
ORDER BY score, dataset
