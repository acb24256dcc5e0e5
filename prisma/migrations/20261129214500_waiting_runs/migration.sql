-- What the dispatcher looks for, and nothing else: a round costs the same however many runs have ended or wait. The
-- schema language has no conditions on indexes, so they stand here alone; attempts/dispatch.ts repeats the conditions.

-- Runs of studies that wait for their job, in the order in which they are handed out.
CREATE INDEX "runs_waiting_idx" ON "runs" ("sweep_id", "position", "id")
  WHERE "status" = 'queued' AND "enqueued_attempt" <= "attempt" AND "cancel_requested_at" IS NULL
    AND "trainer" <> 'external' AND "purpose" = 'study' AND "sweep_id" IS NOT NULL;

-- Waiting runs that are no part of a study's plan: replicas above all.
CREATE INDEX "runs_waiting_alone_idx" ON "runs" ("created_at", "id")
  WHERE "status" = 'queued' AND "enqueued_attempt" <= "attempt" AND "cancel_requested_at" IS NULL
    AND "trainer" <> 'external' AND ("purpose" <> 'study' OR "sweep_id" IS NULL);

-- Runs that occupy a place: running, or with a job out.
CREATE INDEX "runs_active_idx" ON "runs" ("sweep_id")
  WHERE "status" = 'running' OR ("status" = 'queued' AND "enqueued_attempt" > "attempt");

-- Whose worker has gone silent. The index over all states tempted the planner to read every waiting run in each round.
DROP INDEX "runs_status_lease_expires_at_idx";
CREATE INDEX "runs_lease_idx" ON "runs" ("lease_expires_at") WHERE "status" = 'running';
