-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "divergence" JSONB;
