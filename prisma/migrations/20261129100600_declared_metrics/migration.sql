-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "metrics" JSONB NOT NULL DEFAULT '{}';
