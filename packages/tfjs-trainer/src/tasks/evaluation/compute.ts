import type { Engine } from "../../arithmetic/backends/start-engine.js";
import { digestOfScores } from "../../loop/digests.js";
import { reportEnvironment } from "../../loop/environment.js";
import { createEventBatch } from "../../loop/event-batch.js";
import { createLadder } from "../../loop/ladder.js";
import type { TrainingResult } from "../../loop/training.js";
import { createWeights } from "../../loop/weights.js";
import { createClassificationAssessment } from "../classification/assessment.js";
import { hostScoring } from "../classification/scorer.js";
import type { ComputeThread } from "../compute-thread.js";
import type { EvaluationWork } from "./prepare.js";

/** Scores validation and test cases with given weights. The digest of such a run is that of its predictions. */
export async function computeEvaluation(
  { plan, memory, epoch }: EvaluationWork,
  { engine, post }: ComputeThread,
): Promise<TrainingResult> {
  const started = performance.now();
  await reportEnvironment(plan, post, engine.kind === "device" ? engine.device.facts : {});
  const events = createEventBatch(post);
  const ladder = createLadder(plan, memory, events);
  ladder.dataset();
  ladder.finalWeights();
  const assessment = createClassificationAssessment(plan, memory, await scoringOn(engine));
  const { metrics, scores } = await assessment.measure();
  for (const [key, value] of metrics) events.metric(key, epoch, value);
  const digest = digestOfScores(scores);
  events.digest("predictions", 0, digest);
  events.flush();
  for (const predictions of assessment.predictions(epoch, scores)) events.predictions(predictions);
  return {
    digest,
    selectedEpoch: epoch,
    phases: { train: 0, evaluate: (performance.now() - started) / 1000 },
  };

  async function scoringOn(on: Engine) {
    if (on.kind === "host") {
      const { backend } = on;
      return hostScoring(plan, memory, { backend, weights: createWeights(plan.layout, memory, backend) });
    }
    const { deviceScoring } = await import("../classification/device-scorer.js");
    return deviceScoring(plan, memory);
  }
}
