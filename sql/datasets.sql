-- Which datasets are there, how large are they, and how sound?
--
-- An error is a value that its own document forbids; warnings are doubtful, and notes are left out: most texts earn
-- some. The share of errors makes large and small datasets comparable, and the least sound ones come first.
--
-- column dataset String: name of the table
-- column name_kk String: name in Kazakh
-- column name_ru String: name in Russian
-- column published_at Date: when this version was published
-- column rows Int [rows]: how large it is
-- column points Int [points]: how many places it has
-- column errors Int [findings]: what its document breaks
-- column warnings Int [findings]: what is doubtful in it
-- column errors_per_1000_rows Double [findings]: errors in a thousand rows
SELECT
    dataset,
    name_kk,
    name_ru,
    published_at,
    rows,
    points,
    errors,
    warnings,
    round(1000.0 * errors / nullif(rows, 0), 1) AS errors_per_1000_rows
FROM system.datasets
ORDER BY errors_per_1000_rows DESC NULLS LAST, rows DESC, dataset
