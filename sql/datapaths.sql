-- Which fields refer to objects of another dataset, and is that dataset here?
--
-- A datapath names a dataset and its field. A reference can be followed where the dataset is published, has the
-- field, and the field is its key. References that cannot be followed come first.
--
-- column dataset String: the dataset that refers
-- column field String: its field with the reference
-- column datapath String: what it refers to, as the document declares it
-- column is_dataset_here Boolean: whether the dataset referred to is published
-- column is_field_here Boolean: whether it has the field referred to
-- column is_key Boolean: whether that field is its key
-- column rows Int [rows]: how many objects there are to refer to
WITH reference AS (
    SELECT dataset, field, datapath, to_dataset AS target, to_field
    FROM system.links
)
SELECT
    reference.dataset,
    reference.field,
    reference.datapath,
    target.dataset IS NOT NULL AS is_dataset_here,
    referred.field IS NOT NULL AS is_field_here,
    coalesce(referred.is_key, false) AS is_key,
    target.rows
FROM reference
LEFT JOIN system.datasets AS target ON lower(target.dataset) = lower(reference.target)
LEFT JOIN system.fields AS referred
    ON referred.dataset = target.dataset AND lower(referred.field) = lower(reference.to_field)
ORDER BY is_key, is_dataset_here, reference.dataset, reference.field
