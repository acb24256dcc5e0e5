-- Checkpoints and weights of a sweep can be removed on request.
ALTER TABLE "sweeps" ADD COLUMN "files_removed_at" TIMESTAMPTZ(3);
