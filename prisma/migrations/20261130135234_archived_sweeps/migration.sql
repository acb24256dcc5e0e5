-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "archived_at" TIMESTAMPTZ(3);
