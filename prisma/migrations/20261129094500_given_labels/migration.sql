-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "label_given" BOOLEAN NOT NULL DEFAULT false;

-- Labels of studies whose configurations came one by one are made anew when more come. Of those that are there, the ones that do
-- not read as made from their parameters ("lr 0.01 · batch 32", "adam", "one configuration", "base (2 of 3)") were chosen.
UPDATE "runs" r SET "label_given" = true
FROM "sweeps" s
WHERE s."id" = r."sweep_id" AND s."spec" #>> '{search,method}' = 'external'
  AND r."configuration_label" <> 'one configuration'
  AND r."configuration_label" !~ ' \([0-9]+ of [0-9]+\)$'
  AND split_part(r."configuration_label", ' ', 1) NOT IN ('lr', 'batch', 'batch/rank', 'wd', 'warm-up', 'hidden', 'BN', 'crop')
  AND NOT EXISTS (
    SELECT FROM jsonb_each_text(r."params") AS p(name, value)
    WHERE starts_with(r."configuration_label", p.name || ' ')
      OR split_part(r."configuration_label", ' · ', 1) = p.value
  );
