-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "checkpoints_removed_at" TIMESTAMPTZ(3),
ADD COLUMN     "logs_removed_at" TIMESTAMPTZ(3);
