-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "departures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "observed" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "observation_chunks" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "observations" JSONB NOT NULL,

    CONSTRAINT "observation_chunks_pkey" PRIMARY KEY ("run_id","attempt","batch")
);

-- AddForeignKey
ALTER TABLE "observation_chunks" ADD CONSTRAINT "observation_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
