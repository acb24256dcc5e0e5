-- Several zero-shot questions of one run are scored on the same split.
ALTER TABLE "predictions" ADD COLUMN "question" TEXT NOT NULL DEFAULT '';
ALTER TABLE "predictions" DROP CONSTRAINT "predictions_pkey";
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_pkey" PRIMARY KEY ("run_id", "split", "question");
