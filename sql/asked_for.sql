-- Is what an extract is about asked for?
--
-- Order 111 of 2021, paragraph 7, 2): data that citizens and business demand. The subjects of `demand` that are this
-- dataset, or whose words hold these words one after the other; letter case, signs and spaces and ё aside.
--
-- Inputs: assess.demand.
--
-- param as_of Date = now: later requests do not count
-- param topic String: an apiUri, or what the extract is about in some words
-- column subject String: the subject, as demand has it
-- column requests Int [requests]: how many ask for it
-- column most_in_window Int [requests]: the most within three consecutive calendar months
-- column is_needed Boolean: whether it is needed
WITH wanted AS (
    SELECT
        CAST($topic AS TEXT) AS topic,
        plain_text(CAST($topic AS TEXT)) AS words
)
SELECT
    demand.subject,
    demand.requests,
    demand.most_in_window,
    demand.is_needed
FROM wanted CROSS JOIN assess.demand AS demand
WHERE CAST($as_of AS TIMESTAMP) IS NOT NULL
    AND (lower(demand.dataset) = lower(wanted.topic) OR wanted.words <> '' AND strpos(concat(' ', plain_text(demand.subject), ' '), concat(' ', wanted.words, ' ')) > 0)
ORDER BY demand.requests DESC, demand.subject
LIMIT 100
