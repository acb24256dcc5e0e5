-- AlterTable
ALTER TABLE "attempts" ADD COLUMN     "log_characters" BIGINT NOT NULL DEFAULT 0;
