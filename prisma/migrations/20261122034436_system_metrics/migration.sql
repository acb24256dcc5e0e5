-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "mean_cpu_percent" DOUBLE PRECISION,
ADD COLUMN     "peak_resident_memory_bytes" BIGINT;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "system" JSONB;

-- CreateTable
CREATE TABLE "system_samples" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "wall_time" DOUBLE PRECISION NOT NULL,
    "cpu_seconds" DOUBLE PRECISION,
    "resident_memory_bytes" BIGINT,
    "threads" INTEGER,
    "processes" INTEGER,
    "processors" INTEGER NOT NULL,
    "host_cpu_percent" DOUBLE PRECISION,
    "host_available_memory_bytes" BIGINT NOT NULL,
    "host_memory_bytes" BIGINT NOT NULL,
    "disk_free_bytes" BIGINT,
    "gpus" JSONB,

    CONSTRAINT "system_samples_pkey" PRIMARY KEY ("run_id","attempt","index")
);

-- AddForeignKey
ALTER TABLE "system_samples" ADD CONSTRAINT "system_samples_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
