-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "requires" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}';
