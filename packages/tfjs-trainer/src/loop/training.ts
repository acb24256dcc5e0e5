import type { TrainerEvent } from "@reprise/contracts";
import { createOrderSource, reduceGradients, updateRunningStatistics } from "../arithmetic/reduction.js";
import { draws, permutation } from "../arithmetic/streams.js";
import { present } from "../program/errors.js";
import {
  type Checkpoint,
  type EpochSums,
  type HeldScores,
  type Scores,
  writeCheckpoint,
} from "./checkpoint.js";
import { digestOfScores } from "./digests.js";
import { createEventBatch, type Predictions } from "./event-batch.js";
import { createLadder } from "./ladder.js";
import type { Memory } from "./memory.js";
import { createOptimizer } from "./optimizers.js";
import { perturbOneWeight } from "./perturbation.js";
import type { TrainingPlan } from "./plan.js";
import { learningRateAt } from "./schedules.js";
import { keepsWeights, writeWeights } from "./weights-file.js";

/** The last summary of a run: what `done` carries. */
export type TrainingResult = {
  digest: string;
  selectedEpoch: number;
  phases: Record<string, number>;
};

/** What a task measures after every epoch, and tells of the selected one. */
export type Assessment = {
  /**
   * Metrics of the parameters as they are now, in the order in which they are reported, and the scores behind them; and,
   * where they were asked for, the activations of the probed cases, a row each.
   */
  measure(): Promise<{ metrics: [key: string, value: number][]; scores: Scores; probe?: number[][] }>;
  /** The selected epoch's predictions. */
  predictions(epoch: number, scores: Scores): Predictions[];
};

/** What a task brings to the training loop. */
export type TaskParts = {
  post: (events: TrainerEvent[]) => void;
  /** Writes the initial weights into the memory. */
  initialise(): void;
  /**
   * Computes all shards of step `step` (from 0), whose batch starts at `batchStart` of the epoch's order: gradients,
   * statistics, losses and hits are in the memory when it is done. Gives the order in which the shards finished.
   */
  computeStep(step: number, batchStart: number): Uint8Array | Promise<Uint8Array>;
  /** Called after every update of the parameters. */
  afterUpdate?(): void;
  assessment: Assessment;
};

const isDue = (done: number, every: number | null) => every !== null && done % every === 0;

/** Trains the run that the plan describes, on this thread and those that help it, and posts its events. */
export async function train(
  plan: TrainingPlan,
  memory: Memory,
  { post, initialise, computeStep, afterUpdate, assessment }: TaskParts,
): Promise<TrainingResult> {
  const { hyper, layout, stepsPerEpoch, totalSteps, trainIds } = plan;
  const { batchSize, shards, epochs } = hyper;
  const events = createEventBatch(post);
  const ladder = createLadder(plan, memory, events);
  const optimizer = createOptimizer(hyper, layout);
  const chooseOrder = createOrderSource(plan);
  const orders = new Uint8Array(totalSteps * shards);
  const gradient = new Float32Array(layout.trained);
  const trainedParameters = memory.parameters.subarray(0, layout.trained);
  const phases = { train: 0, evaluate: 0 };

  initialise();
  if (plan.keys.perturb)
    events.send(perturbOneWeight(memory.parameters, layout, draws(plan.keys.perturb, 0)));
  ladder.dataset();
  ladder.initialWeights();
  let held: HeldScores | null = null;
  let steps = 0;
  let sums: EpochSums = { loss: 0, right: 0 };
  if (plan.resumeFrom) resume(plan.resumeFrom);

  for (let epoch = Math.floor(steps / stepsPerEpoch); epoch < epochs; epoch++) {
    const started = performance.now();
    await trainEpoch(epoch);
    const trained = performance.now();
    await evaluateEpoch(epoch + 1);
    phases.train += (trained - started) / 1000;
    phases.evaluate += (performance.now() - trained) / 1000;
  }
  return finish();

  async function trainEpoch(epoch: number): Promise<void> {
    const order = permutation(trainIds.length, draws(plan.keys.dataOrder, epoch));
    for (const [position, index] of order.entries()) memory.order[position] = trainIds[index] as number;
    ladder.dataOrder(epoch + 1);
    const end = (epoch + 1) * stepsPerEpoch;
    for (let step = steps; step < end; step++) {
      const batchStart = (step - epoch * stepsPerEpoch) * batchSize;
      const summed = chooseOrder(step, await computeStep(step, batchStart));
      orders.set(Array.from(summed), step * shards);
      if (plan.order !== "fixed") events.reductionOrder(step, summed);
      const stepLoss = reduceGradients(memory, summed, gradient);
      ladder.gradient(stepLoss, gradient);
      updateRunningStatistics(memory, layout.trained, hyper.batchNormMomentum);
      const learningRate = learningRateAt(hyper, { step, stepsPerEpoch, totalSteps });
      optimizer.update(trainedParameters, gradient, { learningRate, step });
      afterUpdate?.();
      ladder.step(step);
      sums.loss += stepLoss;
      for (let shard = 0; shard < shards; shard++) sums.right += memory.correct[shard] as number;
      steps = step + 1;
      // At the end of an epoch its evaluation belongs to the checkpoint.
      if (steps < end && isDue(steps, plan.checkpointEverySteps)) saveCheckpoint(epoch);
      events.flushIfDue();
    }
  }

  async function evaluateEpoch(epoch: number): Promise<void> {
    events.metric("trainLoss", epoch, sums.loss / stepsPerEpoch);
    events.metric("trainAccuracy", epoch, sums.right / (stepsPerEpoch * batchSize));
    sums = { loss: 0, right: 0 };
    const { metrics, scores, probe } = await assessment.measure();
    let objective: number | null = null;
    for (const [key, value] of metrics) {
      events.metric(key, epoch, value);
      if (key === plan.objective?.metric && !Number.isNaN(value)) objective = value;
    }
    if (isSelected(epoch, objective)) held = { epoch, objective, scores };
    ladder.epoch(epoch);
    events.progress(epoch, epochs);
    const { offset, size } = plan.lastLayer;
    events.lastLayer(epoch, memory.parameters.subarray(offset, offset + size));
    if (probe) events.probe(epoch, probe);
    const due = isDue(epoch, plan.checkpointEveryEpochs) || isDue(steps, plan.checkpointEverySteps);
    if (due && epoch < epochs) saveCheckpoint(epoch);
    events.flushIfDue();
  }

  /** Whether this epoch's test figures are to be reported so far; of equally good epochs the first stays. */
  function isSelected(epoch: number, objective: number | null): boolean {
    if (plan.selection.epoch === "last") return epoch === epochs;
    if (held === null) return true;
    if (objective === null || held.objective === null) return objective !== null;
    return plan.objective?.direction === "minimize" ? objective < held.objective : objective > held.objective;
  }

  /** Writes the state after so many whole epochs and the steps made until now. */
  function saveCheckpoint(epoch: number): void {
    const checkpoint = {
      ...plan.digests,
      epoch,
      step: steps,
      sums,
      held,
      parameters: memory.parameters,
      optimizer: optimizer.state,
      orders: orders.subarray(0, steps * shards),
    };
    const path = writeCheckpoint(plan.outputDirectory, checkpoint, layout);
    events.send({ type: "checkpoint", path, step: steps, epoch });
  }

  function resume(checkpoint: Checkpoint): void {
    memory.parameters.set(checkpoint.parameters);
    for (const [name, state] of Object.entries(optimizer.state)) {
      state.set(present(checkpoint.optimizer[name], `Optimizer state ${name}`));
    }
    orders.set(checkpoint.orders);
    held = checkpoint.held;
    steps = checkpoint.step;
    sums = checkpoint.sums;
    const message = `Resumed after step ${checkpoint.step} (${checkpoint.epoch} whole epochs).`;
    events.send({ type: "log", level: "info", message });
  }

  function finish(): TrainingResult {
    const { epoch, scores } = present(held, "The selected epoch");
    const digest = ladder.finalWeights();
    events.digest("predictions", 0, digestOfScores(scores));
    if (keepsWeights(plan.keepWeights, layout)) {
      const path = writeWeights(plan.outputDirectory, memory.parameters, layout);
      events.send({ type: "artifact", kind: "finalWeights", path, step: totalSteps, epoch: epochs });
    }
    events.flush();
    for (const predictions of assessment.predictions(epoch, scores)) events.predictions(predictions);
    return { digest, selectedEpoch: epoch, phases };
  }
}
