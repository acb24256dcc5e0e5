-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "imported" JSONB;
