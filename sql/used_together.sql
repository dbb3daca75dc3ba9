-- Which datasets are read together by one query?
--
-- Inputs: system.uses_together: sums by the hour of queries that did not fail.
--
-- param as_of Date = now: later hours do not count
-- column dataset String: the first of a pair, by name
-- column other String: the second
-- column queries Int [queries]: that read both
SELECT dataset, other, CAST(sum(queries) AS BIGINT) AS queries
FROM system.uses_together
WHERE CAST(hour AS TIMESTAMP) <= CAST($as_of AS TIMESTAMP)
GROUP BY dataset, other
ORDER BY dataset, other
