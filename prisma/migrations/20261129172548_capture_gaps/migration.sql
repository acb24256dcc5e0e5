-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "gaps" JSONB NOT NULL DEFAULT '[]';
