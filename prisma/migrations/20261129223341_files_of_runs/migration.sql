-- Until now a run had one file beside its checkpoints: its final weights.
ALTER TABLE "artifacts" ADD COLUMN "name" TEXT;
UPDATE "artifacts" SET "name" = 'final-weights.safetensors';
ALTER TABLE "artifacts" DROP CONSTRAINT "artifacts_pkey",
ALTER COLUMN "name" SET NOT NULL,
ALTER COLUMN "step" DROP NOT NULL,
ALTER COLUMN "epoch" DROP NOT NULL,
ADD CONSTRAINT "artifacts_pkey" PRIMARY KEY ("run_id", "name");
