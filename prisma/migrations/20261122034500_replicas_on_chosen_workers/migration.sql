-- A verification may say which workers may train its replica. A claim looks that up by the replica.
ALTER TABLE "verifications" ADD COLUMN "worker" JSONB;
CREATE INDEX "verifications_replica_run_id_idx" ON "verifications"("replica_run_id");
