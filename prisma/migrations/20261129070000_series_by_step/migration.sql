-- AlterTable
ALTER TABLE "metric_summaries" ADD COLUMN     "final" DOUBLE PRECISION,
ADD COLUMN     "superseded" INTEGER NOT NULL DEFAULT 0;
