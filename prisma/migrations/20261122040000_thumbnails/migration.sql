-- Small pictures of the evaluated cases, one sheet for all runs that evaluate the same.
ALTER TABLE "runs" ADD COLUMN "thumbnails" TEXT[] DEFAULT ARRAY[]::TEXT[];
CREATE TABLE "thumbnails" (
    "key" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "split" TEXT NOT NULL,
    "columns" INTEGER NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "ids" TEXT[],
    "path" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "thumbnails_pkey" PRIMARY KEY ("key")
);
CREATE INDEX "thumbnails_dataset_idx" ON "thumbnails"("dataset");
