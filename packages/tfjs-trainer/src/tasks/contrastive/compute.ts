import { hostOf } from "../../arithmetic/backends/start-engine.js";
import { reportEnvironment } from "../../loop/environment.js";
import { type TrainingResult, train } from "../../loop/training.js";
import { createWeights } from "../../loop/weights.js";
import { present } from "../../program/errors.js";
import type { ComputeThread } from "../compute-thread.js";
import { createContrastiveAssessment } from "./assessment.js";
import { epochDuplicates } from "./batch.js";
import { maxScale } from "./info-nce.js";
import type { ContrastiveWork } from "./prepare.js";
import { loadPretrained } from "./pretrained.js";
import { createRankComputer } from "./rank-computer.js";
import { helpWithPhases, runEvaluation, runRankStep } from "./rank-phases.js";
import { createStaging } from "./staging.js";
import { initialiseClip } from "./tensors.js";

/** The largest temperature parameter, rounded down to 32 bits: its exponential stays at or below the published 100. */
const maxLogitScale = Math.fround(Math.log(maxScale));

/** A compute thread's part of a contrastive run. */
export async function computeContrastive(
  { plan, memory }: ContrastiveWork,
  { thread, engine, post }: ComputeThread,
): Promise<TrainingResult> {
  const backend = hostOf(engine);
  const { layout, shape, keys } = plan;
  const weights = createWeights(layout, memory, backend);
  const computer = createRankComputer(plan, memory, { backend, weights });
  const worker = { ...computer, thread, threads: plan.threads };
  if (thread > 0) helpWithPhases(memory, worker);
  await reportEnvironment(plan, post);
  const staging = await createStaging(plan, memory);
  const scaleAt = present(
    layout.tensors.find(({ name }) => name === "logit_scale"),
    "logit_scale",
  ).offset;
  let lastStep = 0;
  return train(plan, memory, {
    post,
    initialise: () =>
      plan.pretrained
        ? loadPretrained(plan.pretrained, layout, memory.parameters)
        : initialiseClip(memory.parameters, { layout, shape, key: keys.init }),
    async computeStep(step, batchStart) {
      lastStep = step;
      await staging.batch(step, batchStart);
      return runRankStep(memory, worker, { step, batchStart });
    },
    afterUpdate() {
      memory.parameters[scaleAt] = Math.min(memory.parameters[scaleAt] as number, maxLogitScale);
    },
    assessment: createContrastiveAssessment(plan, memory, {
      backend,
      async encodeAll() {
        for await (const chunks of staging.evaluation(worker.chunks)) runEvaluation(memory, worker, chunks);
      },
      duplicates: () => epochDuplicates(plan, memory, lastStep),
      logitScale: () => memory.parameters[scaleAt] as number,
    }),
  });
}
