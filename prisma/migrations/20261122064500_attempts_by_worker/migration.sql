-- How executions ended on a worker is counted from the index alone.
CREATE INDEX "attempts_worker_id_status_idx" ON "attempts"("worker_id", "status");
