-- What lists of runs are found and ordered by: a page costs the same however many runs there are. Indexes on expressions and
-- those of some rows only stand here alone; runs/run-fields.ts and runs/run-order.ts repeat expressions and conditions.

-- Runs of a study in one state, and the newest runs, each in their order.
DROP INDEX "runs_sweep_id_status_idx";
CREATE INDEX "runs_sweep_id_status_position_id_idx" ON "runs" ("sweep_id", "status", "position", "id");
DROP INDEX "runs_created_at_idx";
CREATE INDEX "runs_created_at_id_idx" ON "runs" ("created_at", "id");

-- Study runs by place and by duration.
CREATE INDEX "runs_place_idx" ON "runs" ("position", "id") WHERE "purpose" = 'study';
CREATE INDEX "runs_duration_idx" ON "runs" ("duration_ms", "id") WHERE "purpose" = 'study' AND "duration_ms" IS NOT NULL;

-- The few that ended without a result. One over all states would tempt the planner to read every waiting run.
CREATE INDEX "runs_without_result_idx" ON "runs" ("status", "position", "id")
  WHERE "status" IN ('failed', 'cancelled', 'pruned');

-- By hyperparameter and value, as they were used. Written at once: a pending list would be read by every search.
CREATE INDEX "runs_params_idx" ON "runs"
  USING gin (("params" || coalesce("effective_params", '{}'::jsonb)) jsonb_path_ops) WITH (fastupdate = off);

-- By the value of a metric that stands for a run.
DROP INDEX "metric_summaries_key_last_idx";
CREATE INDEX "metric_summaries_key_value_idx" ON "metric_summaries"
  ("key", (nullif(coalesce("selected", "last"), 'NaN'::float8)), "run_id");

-- What the planner knows of the expressions comes from here.
ANALYZE "runs";
ANALYZE "metric_summaries";
