-- AlterTable
ALTER TABLE "attempts" ADD COLUMN     "continues" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "lease_ms" INTEGER,
ADD COLUMN     "planned" BOOLEAN NOT NULL DEFAULT true;

-- Studies of search external hold what was logged: nobody else can be asked to train it.
UPDATE "runs" r SET "planned" = false FROM "sweeps" s
WHERE s."id" = r."sweep_id" AND r."trainer" = 'external' AND s."spec" #>> '{search,method}' = 'external';

-- Runs from outside had no lease and could never be lost. They have ten minutes from now on.
UPDATE "runs" SET "lease_ms" = 600000, "lease_expires_at" = clock_timestamp() + interval '10 minutes'
WHERE "trainer" = 'external' AND "status" = 'running' AND "lease_expires_at" IS NULL;

-- A start after the end is no start.
UPDATE "runs" SET "started_at" = NULL WHERE "started_at" > "ended_at";

-- Durations that cannot be, and those of runs that were announced long after the start they named and given no end: the
-- server took its own clock at the report for it.
UPDATE "runs" SET "duration_ms" = NULL
WHERE "duration_ms" < 0 OR "duration_ms" > 31622400000 OR "duration_ms" = 'NaN'
  OR ("trainer" = 'external' AND abs("duration_ms" - extract(epoch FROM "ended_at" - "started_at") * 1000) < 1000
    AND "created_at" - "started_at" > greatest("ended_at" - "created_at", interval '1 minute'));
