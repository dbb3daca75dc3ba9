-- What should be published or updated next, and why?
--
-- What people ask for and nobody has (order 432, paragraph 5), what queries and references look for, and what the plan
-- owes. Points: 10 a request of the last six months and 20 where the rule of demand is met, 2 a query that looked for
-- it, 5 a reference that leads to it, 15 for a due date that was missed and 5 for one that was met late.
--
-- Inputs: system.requests, assess.demand, assess.unmet_demand, assess.deadlines.
--
-- param as_of Date = now: what happened later does not count
-- column subject String: a dataset, or a topic
-- column score Int: points
-- column reasons String: why, each with its count
WITH moment AS (
    SELECT CAST($as_of AS TIMESTAMP) AS as_of
),
published AS (
    SELECT dataset
    FROM (
        SELECT dataset, is_deleted, row_number() OVER (PARTITION BY dataset ORDER BY version DESC) AS rank
        FROM system.versions
        WHERE CAST(published_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
    )
    WHERE rank = 1 AND NOT is_deleted
),
open_request AS (
    SELECT
        coalesce(
            dataset,
            plain_text(coalesce(topic, text))
        ) AS subject,
        count(*) AS requests
    FROM moment CROSS JOIN system.requests
    WHERE CAST(received_at AS TIMESTAMP) <= moment.as_of
        AND CAST(received_at AS TIMESTAMP) > moment.as_of - INTERVAL '6 months'
    GROUP BY subject
),
reason AS (
    SELECT open_request.subject, open_request.requests * 10 AS score, 'requests=' || open_request.requests AS reason, 1 AS rank
    FROM open_request LEFT ANTI JOIN published ON published.dataset = open_request.subject
    UNION ALL
    SELECT demand.subject, 20, 'needed', 2
    FROM assess.demand AS demand LEFT ANTI JOIN published ON published.dataset = demand.subject
    WHERE demand.is_needed
    UNION ALL
    SELECT name, asked * 2, 'searches=' || asked, 3 FROM assess.unmet_demand WHERE what = 'dataset'
    UNION ALL
    SELECT name, asked * 5, 'references=' || asked, 4 FROM assess.unmet_demand WHERE what = 'reference'
    UNION ALL
    SELECT
        coalesce(dataset, name),
        max(CASE state WHEN 'missed' THEN 15 ELSE 5 END),
        'late=' || max(days_late),
        5
    FROM assess.deadlines
    WHERE state IN ('missed', 'late')
    GROUP BY coalesce(dataset, name)
)
SELECT
    subject,
    CAST(sum(score) AS BIGINT) AS score,
    string_agg(reason, '; ' ORDER BY rank) AS reasons
FROM reason
GROUP BY subject
ORDER BY score DESC, subject
