-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "left_out" JSONB NOT NULL DEFAULT '[]';
