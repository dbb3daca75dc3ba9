-- What should be published or updated next, and why?
--
-- What people ask for and nobody has decided (order 432, paragraph 5), what queries and references look for, and what the
-- plan owes. Points, which no order has: 10 an undecided request of the last six months (to publish what is not there, or to
-- update what is), 20 more where the rule of demand is met, 2 a client that looked for it
-- where there are two or more (one alone may be a program that reads a list of names), 5 a reference that leads to it, 15
-- for a due date that was missed and 5 for one that was met late.
--
-- Inputs: system.requests, assess.requests_story, assess.demand, assess.unmet_demand, assess.deadlines, assess.published.
--
-- param as_of Date = now: what happened later does not count
-- column subject String: a dataset, or a topic
-- column score Int: points
-- column reasons String: why, each with its count
WITH asked AS (
    SELECT
        kind,
        coalesce(lower(dataset), nullif(plain_text(coalesce(topic, text)), ''), coalesce(topic, text)) AS subject
    FROM system.requests AS request
    LEFT ANTI JOIN (
        SELECT request FROM assess.requests_story WHERE decided_at IS NOT NULL
    ) AS decided ON decided.request = request.id
    WHERE CAST(received_at AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
        AND CAST(received_at AS TIMESTAMP) > CAST($as_of AS TIMESTAMP) - INTERVAL '6 months'
),
open_request AS (
    SELECT asked.subject, count(*) AS requests
    FROM asked LEFT JOIN assess.published AS published ON lower(published.dataset) = asked.subject
    WHERE asked.kind = 'update' OR published.dataset IS NULL
    GROUP BY asked.subject
),
reason AS (
    SELECT subject, requests * 10 AS score, 'requests=' || requests AS reason, 1 AS rank
    FROM open_request
    UNION ALL
    SELECT demand.subject, 20, 'needed', 2
    FROM assess.demand AS demand LEFT SEMI JOIN open_request ON open_request.subject = demand.subject
    WHERE demand.is_needed
    UNION ALL
    SELECT name, clients * 2, 'searches=' || asked, 3
    FROM assess.unmet_demand
    WHERE what = 'dataset' AND clients >= 2
    UNION ALL
    SELECT name, asked * 5, 'references=' || asked, 4 FROM assess.unmet_demand WHERE what = 'reference'
    UNION ALL
    SELECT
        coalesce(lower(dataset), plain_text(name)),
        max(CASE state WHEN 'missed' THEN 15 ELSE 5 END),
        'late=' || max(days_late),
        5
    FROM assess.deadlines
    WHERE state IN ('missed', 'late')
    GROUP BY coalesce(lower(dataset), plain_text(name))
)
SELECT
    subject,
    CAST(sum(score) AS BIGINT) AS score,
    string_agg(reason, '; ' ORDER BY rank) AS reasons
FROM reason
GROUP BY subject
ORDER BY score DESC, subject
