-- How good is each dataset, in points of 100?
--
-- Seven parts, each with its full mark; a part that a dataset cannot have (no references, no points, not in the plan)
-- leaves its points to the others. Metadata: the fields of order 144, annex 1, in Kazakh and Russian, and labels.
-- Types: values that are what their field says; one wrong value of ten takes all points. Nulls: declared fields that
-- some row has. Key: a key, present in each row and each once. References: values that lead to an object. Geo: points
-- within the country. Freshness: as assess.freshness has it.
--
-- Inputs: system.datasets, system.fields, system.finding_totals, system.links, assess.freshness.
--
-- param as_of Date = now: the moment of freshness
-- column dataset String: the dataset
-- column score Double [100]: the sum, of 100
-- column metadata Double [25]: metadata and labels in both languages
-- column types Double [25]: values of their type
-- column nulls Double [10]: fields that some row has
-- column key Double [15]: a key that holds
-- column refs Double [10]: references that resolve
-- column geo Double [10]: points in the country
-- column freshness Double [5]: age against the plan's period
WITH total AS (
    SELECT
        dataset,
        count(DISTINCT rule) FILTER (WHERE rule IN
            ('meta.missing', 'meta.api_uri', 'meta.name', 'meta.description', 'meta.keywords', 'meta.responsible')) AS meta,
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
    SELECT
        dataset,
        max(CASE state WHEN 'fresh' THEN 1.0 WHEN 'due' THEN 0.5 WHEN 'overdue' THEN 0.0 END) AS share
    FROM assess.freshness
    WHERE dataset IS NOT NULL AND CAST($as_of AS TIMESTAMP) IS NOT NULL
    GROUP BY dataset
),
part AS (
    SELECT
        data.dataset,
        15.0 * (6 - least(coalesce(total.meta, 0), 6)) / 6 + 10.0 * field.labelled / field.fields AS metadata,
        25.0 * (1 - least(10.0 * coalesce(total.wrong, 0) / greatest(data.rows * field.fields, 1), 1)) AS types,
        10.0 * (1 - CAST(coalesce(total.absent, 0) AS DOUBLE) / field.fields) AS nulls,
        CASE
            WHEN field.keys = 0 THEN 0.0
            ELSE 15.0 * (1 - least(CAST(coalesce(total.keys, 0) AS DOUBLE) / greatest(data.rows, 1), 1))
        END AS key,
        CASE WHEN link.values_of > 0 THEN 10.0 * link.resolved / link.values_of END AS refs,
        CASE
            WHEN data.points > 0
            THEN 10.0 * (1 - least(CAST(coalesce(total.places, 0) AS DOUBLE) / data.points, 1))
        END AS geo,
        5.0 * age.share AS freshness
    FROM system.datasets AS data
    JOIN field ON field.dataset = data.dataset
    LEFT JOIN total ON total.dataset = data.dataset
    LEFT JOIN link ON link.dataset = data.dataset
    LEFT JOIN age ON age.dataset = data.dataset
)
SELECT
    dataset,
    round(100.0 * (metadata + types + nulls + key + coalesce(refs, 0) + coalesce(geo, 0) + coalesce(freshness, 0))
        / (75.0 + CASE WHEN refs IS NULL THEN 0 ELSE 10 END + CASE WHEN geo IS NULL THEN 0 ELSE 10 END
            + CASE WHEN freshness IS NULL THEN 0 ELSE 5 END), 1) AS score,
    round(metadata, 1) AS metadata,
    round(types, 1) AS types,
    round(nulls, 1) AS nulls,
    round(key, 1) AS key,
    round(refs, 1) AS refs,
    round(geo, 1) AS geo,
    round(freshness, 1) AS freshness
FROM part
ORDER BY score, dataset
