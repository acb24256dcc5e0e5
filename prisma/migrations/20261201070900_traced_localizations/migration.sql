-- AlterTable
ALTER TABLE "localizations" ADD COLUMN     "traceparent" TEXT;
