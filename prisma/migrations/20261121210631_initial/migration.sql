-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "SweepStatus" AS ENUM ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "RunStatus" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "AttemptStatus" AS ENUM ('running', 'succeeded', 'failed', 'cancelled', 'lost');

-- CreateEnum
CREATE TYPE "RunPurpose" AS ENUM ('study', 'verification', 'replay');

-- CreateEnum
CREATE TYPE "Mode" AS ENUM ('deterministic', 'nondeterministic');

-- CreateEnum
CREATE TYPE "WorkerStatus" AS ENUM ('ready', 'draining', 'quarantined', 'gone');

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('viewer', 'runner', 'admin');

-- CreateTable
CREATE TABLE "sweeps" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "status" "SweepStatus" NOT NULL DEFAULT 'queued',
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "spec" JSONB NOT NULL,
    "spec_digest" TEXT NOT NULL,
    "analysis_plan_digest" TEXT,
    "preset" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "max_parallel_runs" INTEGER,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "notes" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sweeps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "sweep_id" UUID,
    "key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "purpose" "RunPurpose" NOT NULL DEFAULT 'study',
    "source_run_id" UUID,
    "configuration_key" TEXT NOT NULL,
    "configuration_label" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "effective_params" JSONB,
    "disclosures" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "seed" BIGINT NOT NULL,
    "mode" "Mode" NOT NULL,
    "arm" TEXT NOT NULL,
    "execution" JSONB NOT NULL,
    "noise" JSONB NOT NULL,
    "repeat" INTEGER NOT NULL,
    "trainer" TEXT NOT NULL,
    "device_class" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "status" "RunStatus" NOT NULL DEFAULT 'queued',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "fencing_token" UUID,
    "enqueued_attempt" INTEGER NOT NULL DEFAULT 0,
    "enqueued_at" TIMESTAMPTZ(3),
    "infrastructure_failures" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "worker_id" UUID,
    "worker_name" TEXT,
    "lease_expires_at" TIMESTAMPTZ(3),
    "progress" JSONB,
    "selected_epoch" INTEGER,
    "digest" TEXT,
    "environment_id" TEXT,
    "backend_requested" TEXT NOT NULL DEFAULT 'auto',
    "backend_used" TEXT,
    "phases" JSONB,
    "energy" JSONB,
    "error" JSONB,
    "excluded_reason" TEXT,
    "notes" TEXT NOT NULL DEFAULT '',
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "duration_ms" DOUBLE PRECISION,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempts" (
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "status" "AttemptStatus" NOT NULL DEFAULT 'running',
    "worker_id" UUID,
    "worker_name" TEXT,
    "last_batch" INTEGER,
    "log_lines" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "error" JSONB,
    "energy" JSONB,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("run_id","number")
);

-- CreateTable
CREATE TABLE "metric_chunks" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "steps" INTEGER[],
    "values" DOUBLE PRECISION[],
    "wall_times" DOUBLE PRECISION[],

    CONSTRAINT "metric_chunks_pkey" PRIMARY KEY ("run_id","attempt","key","batch")
);

-- CreateTable
CREATE TABLE "metric_summaries" (
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "first" DOUBLE PRECISION NOT NULL,
    "last" DOUBLE PRECISION NOT NULL,
    "last_step" INTEGER NOT NULL,
    "min" DOUBLE PRECISION,
    "max" DOUBLE PRECISION,
    "min_step" INTEGER,
    "max_step" INTEGER,
    "best" DOUBLE PRECISION,
    "best_step" INTEGER,
    "direction" TEXT,
    "selected" DOUBLE PRECISION,

    CONSTRAINT "metric_summaries_pkey" PRIMARY KEY ("run_id","key")
);

-- CreateTable
CREATE TABLE "environments" (
    "id" TEXT NOT NULL,
    "values" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "environments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ladder_chunks" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "positions" INTEGER[],
    "digests" TEXT[],

    CONSTRAINT "ladder_chunks_pkey" PRIMARY KEY ("run_id","attempt","kind","batch")
);

-- CreateTable
CREATE TABLE "predictions" (
    "run_id" UUID NOT NULL,
    "split" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "classes" TEXT[],
    "positive_class" INTEGER,
    "threshold" DOUBLE PRECISION,
    "ids" TEXT[],
    "labels" INTEGER[],
    "scores" DOUBLE PRECISION[],

    CONSTRAINT "predictions_pkey" PRIMARY KEY ("run_id","split")
);

-- CreateTable
CREATE TABLE "embeddings" (
    "run_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "vector" DOUBLE PRECISION[],

    CONSTRAINT "embeddings_pkey" PRIMARY KEY ("run_id","epoch")
);

-- CreateTable
CREATE TABLE "log_chunks" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "first_line" INTEGER NOT NULL,
    "streams" TEXT[],
    "times" TIMESTAMPTZ(3)[],
    "texts" TEXT[],

    CONSTRAINT "log_chunks_pkey" PRIMARY KEY ("run_id","attempt","batch")
);

-- CreateTable
CREATE TABLE "reduction_orders" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "batch" INTEGER NOT NULL,
    "first_step" INTEGER NOT NULL,
    "shards" INTEGER NOT NULL,
    "orders" BYTEA NOT NULL,

    CONSTRAINT "reduction_orders_pkey" PRIMARY KEY ("run_id","attempt","first_step")
);

-- CreateTable
CREATE TABLE "checkpoints" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "step" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "digest" TEXT,
    "last_batch" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("run_id","step")
);

-- CreateTable
CREATE TABLE "verifications" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "replica_run_id" UUID,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "verdict" TEXT,
    "first_divergence" JSONB,
    "suspects" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "verifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "status" "WorkerStatus" NOT NULL DEFAULT 'ready',
    "status_reason" TEXT,
    "devices" JSONB NOT NULL,
    "capabilities" JSONB NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trainer_capabilities" (
    "trainer" TEXT NOT NULL,
    "capabilities" JSONB NOT NULL,
    "announced_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trainer_capabilities_pkey" PRIMARY KEY ("trainer")
);

-- CreateTable
CREATE TABLE "tokens" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "live_events" (
    "id" BIGSERIAL NOT NULL,
    "sweep_id" UUID,
    "run_id" UUID,
    "event" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "live_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sweeps_created_at_idx" ON "sweeps"("created_at");

-- CreateIndex
CREATE INDEX "sweeps_status_idx" ON "sweeps"("status");

-- CreateIndex
CREATE INDEX "runs_sweep_id_position_idx" ON "runs"("sweep_id", "position");

-- CreateIndex
CREATE INDEX "runs_sweep_id_status_idx" ON "runs"("sweep_id", "status");

-- CreateIndex
CREATE INDEX "runs_status_lease_expires_at_idx" ON "runs"("status", "lease_expires_at");

-- CreateIndex
CREATE INDEX "runs_created_at_idx" ON "runs"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "runs_sweep_id_key_key" ON "runs"("sweep_id", "key");

-- CreateIndex
CREATE INDEX "metric_summaries_key_last_idx" ON "metric_summaries"("key", "last");

-- CreateIndex
CREATE INDEX "verifications_run_id_idx" ON "verifications"("run_id");

-- CreateIndex
CREATE INDEX "workers_last_seen_at_idx" ON "workers"("last_seen_at");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_hash_key" ON "tokens"("hash");

-- CreateIndex
CREATE INDEX "live_events_sweep_id_id_idx" ON "live_events"("sweep_id", "id");

-- CreateIndex
CREATE INDEX "live_events_run_id_id_idx" ON "live_events"("run_id", "id");

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweeps"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_environment_id_fkey" FOREIGN KEY ("environment_id") REFERENCES "environments"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_chunks" ADD CONSTRAINT "metric_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_summaries" ADD CONSTRAINT "metric_summaries_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ladder_chunks" ADD CONSTRAINT "ladder_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "embeddings" ADD CONSTRAINT "embeddings_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "log_chunks" ADD CONSTRAINT "log_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reduction_orders" ADD CONSTRAINT "reduction_orders_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verifications" ADD CONSTRAINT "verifications_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
