-- Which datasets have a field whose name or label contains a text?
--
-- Labels are searched in all three languages, and letter case makes no difference.
--
-- param text String: a part of the name or of a label, such as: халық
-- column dataset String: name of the table
-- column field String: path of the field
-- column type String: its type, as the document declares it
-- column label_kk String: label in Kazakh
-- column label_ru String: label in Russian
-- column label_en String: label in English
-- column rows Int [rows]: how large the dataset is
SELECT
    fields.dataset,
    fields.field,
    fields.type,
    fields.label_kk,
    fields.label_ru,
    fields.label_en,
    datasets.rows
FROM system.fields AS fields
JOIN system.datasets AS datasets ON datasets.dataset = fields.dataset
WHERE contains(lower(concat_ws(' | ', field, label_kk, label_ru, label_en)), lower($text))
ORDER BY fields.dataset, fields.field
