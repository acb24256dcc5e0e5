-- By what digests were computed: SHA-256 until now, but for steps of PyTorch where there was a device.
ALTER TABLE "ladder_chunks" ADD COLUMN "algorithm" TEXT NOT NULL DEFAULT 'sha256';
ALTER TABLE "tensor_digest_chunks" ADD COLUMN "algorithm" TEXT NOT NULL DEFAULT 'sha256';

ALTER TABLE "ladder_chunks" DROP CONSTRAINT "ladder_chunks_pkey",
ADD CONSTRAINT "ladder_chunks_pkey" PRIMARY KEY ("run_id", "attempt", "kind", "algorithm", "batch");
ALTER TABLE "tensor_digest_chunks" DROP CONSTRAINT "tensor_digest_chunks_pkey",
ADD CONSTRAINT "tensor_digest_chunks_pkey" PRIMARY KEY ("run_id", "attempt", "kind", "part", "algorithm", "batch");

-- There nobody recorded where the tensors lay: SHA-256 on the processor, sums over rows on a device.
CREATE TEMPORARY TABLE "runs_with_a_device" ON COMMIT DROP AS
SELECT r."id" FROM "runs" r JOIN "environments" e ON e."id" = r."environment_id"
WHERE EXISTS (SELECT 1 FROM jsonb_object_keys(e."values") AS key WHERE key LIKE '%torch.gpu');
UPDATE "ladder_chunks" SET "algorithm" = 'unrecorded'
WHERE "kind" = 'step' AND "run_id" IN (SELECT "id" FROM "runs_with_a_device");
UPDATE "tensor_digest_chunks" SET "algorithm" = 'unrecorded'
WHERE "kind" = 'step' AND "run_id" IN (SELECT "id" FROM "runs_with_a_device");
