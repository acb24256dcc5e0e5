-- Digests of single tensors, and files that belong to a run's result.

ALTER TABLE "checkpoints" ADD COLUMN "bytes" BIGINT;

CREATE TABLE "tensor_digest_chunks" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "names" TEXT[],
    "positions" INTEGER[],
    "digests" BYTEA NOT NULL,

    CONSTRAINT "tensor_digest_chunks_pkey" PRIMARY KEY ("run_id","attempt","kind","part","batch")
);

CREATE TABLE "artifacts" (
    "run_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "step" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifacts_pkey" PRIMARY KEY ("run_id","kind")
);

ALTER TABLE "tensor_digest_chunks" ADD CONSTRAINT "tensor_digest_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
