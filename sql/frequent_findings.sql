-- Which rules do the documents break most often?
--
-- Counts are exact, also where of the findings themselves only the first thousand are kept.
--
-- param severity String = 'error': only findings of this severity: error, warning or note
-- param most Int = 20: at most this many rules
-- column rule String: code of the rule
-- column findings Int [findings]: how often it is broken
-- column datasets Int [datasets]: in how many datasets
-- column fields Int [fields]: in how many of their fields
-- column expected_kk String: what the rule expects, in Kazakh
-- column expected_ru String: the same in Russian
-- column expected_en String: the same in English
-- column source String: where the rule comes from
SELECT
    broken.rule,
    sum(broken.total) AS findings,
    count(DISTINCT broken.dataset) AS datasets,
    count(broken.field) AS fields,
    rules.expected_kk,
    rules.expected_ru,
    rules.expected_en,
    rules.source
FROM system.finding_totals AS broken
JOIN system.rules AS rules ON rules.rule = broken.rule
WHERE broken.severity = $severity
GROUP BY broken.rule, rules.expected_kk, rules.expected_ru, rules.expected_en, rules.source
ORDER BY findings DESC, broken.rule
LIMIT $most
