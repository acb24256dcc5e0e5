-- Runs keep what their study requires since 20261201064000. Those that were there before and may be trained yet get it too, so that all
-- runs of a study are handed out by one rule. Replicas for a worker that somebody named stay without.
UPDATE "runs" r SET "requires" = s."spec" -> 'resources' -> 'requires'
FROM "sweeps" s
WHERE r."sweep_id" = s."id" AND r."requires" = '{}'
  AND r."status" IN ('queued', 'running', 'failed', 'cancelled')
  AND jsonb_typeof(s."spec" -> 'resources' -> 'requires') = 'object' AND s."spec" -> 'resources' -> 'requires' <> '{}'
  AND NOT EXISTS (
    SELECT 1 FROM "verifications" v WHERE v."replica_run_id" = r."id" AND v."worker" ->> 'rule' = 'only');
