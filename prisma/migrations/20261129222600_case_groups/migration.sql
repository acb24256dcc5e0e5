-- AlterTable
ALTER TABLE "predictions" ADD COLUMN     "groups" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "subgroups" JSONB NOT NULL DEFAULT '{}';
