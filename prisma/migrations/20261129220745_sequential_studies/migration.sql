-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "sequential" JSONB;
