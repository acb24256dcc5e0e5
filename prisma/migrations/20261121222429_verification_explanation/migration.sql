-- AlterTable
ALTER TABLE "verifications" ADD COLUMN     "explanation" TEXT;

-- CreateIndex
CREATE INDEX "verifications_status_idx" ON "verifications"("status");
