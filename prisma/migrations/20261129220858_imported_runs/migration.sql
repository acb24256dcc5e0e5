-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "origin" JSONB;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "origin" JSONB,
ADD COLUMN     "origin_key" TEXT;

-- CreateIndex
CREATE INDEX "runs_origin_key_idx" ON "runs"("origin_key");
