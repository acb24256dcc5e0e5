-- CreateTable
CREATE TABLE "maintenance_tasks" (
    "name" TEXT NOT NULL,
    "cursor" UUID,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "maintenance_tasks_pkey" PRIMARY KEY ("name")
);

-- Summaries of earlier versions go by the order of reporting. They are made anew while the server runs.
INSERT INTO "maintenance_tasks" ("name") VALUES ('series-by-step');
