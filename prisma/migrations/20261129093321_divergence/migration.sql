-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "diverged" JSONB;

-- AlterTable
ALTER TABLE "metric_summaries" ADD COLUMN     "non_finite_since" INTEGER,
ADD COLUMN     "non_finite_step" INTEGER,
ADD COLUMN     "non_finite_value" DOUBLE PRECISION;

-- Runs of earlier versions are looked at while the server runs.
INSERT INTO "maintenance_tasks" ("name") VALUES ('divergence');
