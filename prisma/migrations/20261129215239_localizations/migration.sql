-- CreateTable
CREATE TABLE "localizations" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "other_run_id" UUID,
    "trainer" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "tries" INTEGER NOT NULL,
    "recorded" JSONB,
    "worker_id" UUID,
    "worker_name" TEXT,
    "lease_expires_at" TIMESTAMPTZ(3),
    "from" JSONB,
    "progress" JSONB,
    "result" JSONB,
    "explanation" TEXT,
    "remarks" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "localizations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "localizations_run_id_idx" ON "localizations"("run_id");

-- CreateIndex
CREATE INDEX "localizations_other_run_id_idx" ON "localizations"("other_run_id");

-- CreateIndex
CREATE INDEX "localizations_status_idx" ON "localizations"("status");

-- AddForeignKey
ALTER TABLE "localizations" ADD CONSTRAINT "localizations_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "localizations" ADD CONSTRAINT "localizations_other_run_id_fkey" FOREIGN KEY ("other_run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
