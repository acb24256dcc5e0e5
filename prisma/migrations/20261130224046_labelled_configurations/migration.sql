-- AlterTable
ALTER TABLE "sweeps" ADD COLUMN     "labelling" JSONB;

-- CreateIndex
CREATE INDEX "runs_sweep_id_configuration_key_idx" ON "runs"("sweep_id", "configuration_key");

-- CreateIndex
CREATE INDEX "runs_sweep_id_configuration_label_idx" ON "runs"("sweep_id", "configuration_label");
