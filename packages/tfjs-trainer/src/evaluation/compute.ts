import { createClassificationEvaluation } from "../classification/evaluation.js";
import { digestOfScores } from "../digests.js";
import { reportEnvironment } from "../environment.js";
import { createEventBatch } from "../event-batch.js";
import { createLadder } from "../ladder.js";
import type { ComputeThread } from "../tasks/compute-run.js";
import type { TrainingResult } from "../training.js";
import { createWeights } from "../weights.js";
import type { EvaluationWork } from "./prepare.js";

/** Scores validation and test cases with given weights. The digest of such a run is that of its predictions. */
export async function computeEvaluation(
  { plan, memory, epoch }: EvaluationWork,
  { backend, post }: ComputeThread,
): Promise<TrainingResult> {
  const started = performance.now();
  await reportEnvironment(plan, post);
  const events = createEventBatch(post);
  const ladder = createLadder(plan, memory, events);
  ladder.dataset();
  ladder.finalWeights();
  const weights = createWeights(plan.layout, memory, backend);
  const evaluation = createClassificationEvaluation(plan, memory, { backend, weights });
  const { metrics, scores } = await evaluation.measure();
  for (const [key, value] of metrics) events.metric(key, epoch, value);
  const digest = digestOfScores(scores);
  events.digest("predictions", 0, digest);
  events.flush();
  for (const predictions of evaluation.predictions(epoch, scores)) events.predictions(predictions);
  return {
    digest,
    selectedEpoch: epoch,
    phases: { train: 0, evaluate: (performance.now() - started) / 1000 },
  };
}
