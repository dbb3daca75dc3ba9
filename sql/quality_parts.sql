-- What is the score of each dataset made of?
--
-- Parts, each with its weight: its points where all that is judged is as it should be. A part that a dataset cannot have
-- (no references, no points, not in the plan) is left out, and the score is of the weights that are left. Metadata:
-- five members of order 144, annex 1, part 2 (rows 1 to 5), in Kazakh and Russian. Labels: fields with labels in both.
-- Types: values that are what their field says; one wrong value of ten takes all points. Nulls: declared fields whose name
-- stands in some row, null or not. Key: rows with a key of their own; none where there is no key. References: values that
-- lead to an object. Geo: points within the country. Freshness, as assess.freshness has it: 2 fresh, 1 due, 0 overdue. A
-- dataset without rows is judged by what it has beside them.
--
-- These parts are what the history of quality keeps. Whoever changes weights or rules, here or in a file of this name in
-- the folder of --queries, gives the algorithm another number: scores of different ones are not compared.
--
-- Inputs: system.datasets, system.fields, system.finding_totals, system.links, assess.freshness.
--
-- param as_of Date = now: the moment of freshness
-- column dataset String: the dataset
-- column version Int: its version
-- column algorithm Int: the number of weights and rules
-- column score Double [100]: all points against all weights
-- column part String: metadata, labels, types, nulls, key, refs, geo or freshness
-- column weight Double [points]: the full mark of the part
-- column good Int: how many are as they should be
-- column judged Int: of how many
-- column points Double [points]: of the weight
WITH weighed AS (
    SELECT part, CAST(weight AS DOUBLE) AS weight, rank
    FROM (VALUES
        ('metadata', 15, 1),
        ('labels', 10, 2),
        ('types', 25, 3),
        ('nulls', 10, 4),
        ('key', 15, 5),
        ('refs', 10, 6),
        ('geo', 10, 7),
        ('freshness', 5, 8)
    ) AS listed (part, weight, rank)
),
total AS (
    SELECT
        dataset,
        -- Where there is no metadata at all, nothing is told of its members.
        CASE
            WHEN bool_or(rule = 'meta.missing') THEN 5
            ELSE count(DISTINCT rule) FILTER (WHERE rule IN
                ('meta.api_uri', 'meta.name', 'meta.description', 'meta.keywords', 'meta.responsible'))
        END AS meta,
        coalesce(sum(total) FILTER (WHERE rule LIKE 'value.not_%'), 0) AS wrong,
        coalesce(sum(total) FILTER (WHERE rule IN ('key.missing', 'key.duplicate')), 0) AS keys,
        coalesce(sum(total) FILTER (WHERE rule IN
            ('position.outside_country', 'position.outside_globe', 'position.zero')), 0) AS places,
        count(*) FILTER (WHERE rule = 'field.absent') AS absent
    FROM system.finding_totals
    GROUP BY dataset
),
field AS (
    SELECT
        dataset,
        count(*) AS fields,
        count(*) FILTER (WHERE label_kk IS NOT NULL AND label_ru IS NOT NULL) AS labelled,
        count(*) FILTER (WHERE is_key) AS keys
    FROM system.fields
    GROUP BY dataset
),
link AS (
    SELECT dataset, sum(resolved) AS resolved, sum("values") AS values_of
    FROM system.links
    GROUP BY dataset
),
age AS (
    SELECT dataset, max(CASE state WHEN 'fresh' THEN 2 WHEN 'due' THEN 1 WHEN 'overdue' THEN 0 END) AS halves
    FROM assess.freshness
    WHERE dataset IS NOT NULL AND CAST($as_of AS TIMESTAMP) IS NOT NULL
    GROUP BY dataset
),
counted AS (
    SELECT
        data.dataset,
        data.version,
        weighed.part,
        weighed.weight,
        weighed.rank,
        CASE weighed.part
            WHEN 'metadata' THEN 5 - least(coalesce(total.meta, 0), 5)
            WHEN 'labels' THEN field.labelled
            WHEN 'types' THEN greatest(data.rows * field.fields - coalesce(total.wrong, 0), 0)
            WHEN 'nulls' THEN greatest(field.fields - coalesce(total.absent, 0), 0)
            WHEN 'key' THEN CASE field.keys WHEN 0 THEN 0 ELSE greatest(data.rows - coalesce(total.keys, 0), 0) END
            WHEN 'refs' THEN link.resolved
            WHEN 'geo' THEN greatest(data.points - coalesce(total.places, 0), 0)
            WHEN 'freshness' THEN age.halves
        END AS good,
        CASE weighed.part
            WHEN 'metadata' THEN 5
            WHEN 'labels' THEN field.fields
            WHEN 'types' THEN nullif(data.rows * field.fields, 0)
            WHEN 'nulls' THEN field.fields
            WHEN 'key' THEN nullif(data.rows, 0)
            WHEN 'refs' THEN nullif(link.values_of, 0)
            WHEN 'geo' THEN nullif(data.points, 0)
            WHEN 'freshness' THEN CASE WHEN age.halves IS NOT NULL THEN 2 END
        END AS judged,
        field.keys AS keys
    FROM system.datasets AS data
    JOIN field ON field.dataset = data.dataset
    LEFT JOIN total ON total.dataset = data.dataset
    LEFT JOIN link ON link.dataset = data.dataset
    LEFT JOIN age ON age.dataset = data.dataset
    CROSS JOIN weighed
),
pointed AS (
    SELECT
        *,
        weight * CASE
            WHEN part = 'key' AND keys = 0 THEN 0.0
            WHEN judged = 0 THEN 1.0
            WHEN part = 'types' THEN greatest(1.0 - 10.0 * (judged - good) / judged, 0.0)
            ELSE CAST(good AS DOUBLE) / judged
        END AS points
    FROM counted
    WHERE judged IS NOT NULL
),
scored AS (
    SELECT
        *,
        100.0 * sum(points) OVER (PARTITION BY dataset) / sum(weight) OVER (PARTITION BY dataset) AS score
    FROM pointed
)
SELECT
    dataset,
    version,
    2 AS algorithm,
    round(score, 1) AS score,
    part,
    weight,
    good,
    judged,
    round(points, 2) AS points
FROM scored
ORDER BY dataset, rank
