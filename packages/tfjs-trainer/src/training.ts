import type { TrainerEvent } from "@reprise/contracts";
import { type Checkpoint, type HeldScores, type Scores, writeCheckpoint } from "./checkpoint.js";
import { sha256 } from "./digests.js";
import { present } from "./errors.js";
import { createEventBatch, type Predictions } from "./event-batch.js";
import { createLadder } from "./ladder.js";
import { initialise } from "./layout.js";
import type { Memory } from "./memory.js";
import { createOptimizer } from "./optimizers.js";
import type { TrainingPlan } from "./plan.js";
import { createOrderSource, reduceGradients, updateRunningStatistics } from "./reduction.js";
import { learningRateAt } from "./schedules.js";
import { draws, permutation } from "./streams.js";
import { keepsWeights, writeWeights } from "./weights-file.js";

/** The last summary of a run: what `done` carries. */
export interface TrainingResult {
  digest: string;
  selectedEpoch: number;
  phases: Record<string, number>;
}

/** What a task measures after every epoch, and tells of the selected one. */
export interface Evaluation {
  /** Metrics of the parameters as they are now, in the order in which they are reported, and the scores behind them. */
  measure(): Promise<{ metrics: [key: string, value: number][]; scores: Scores }>;
  /** The selected epoch's predictions. */
  predictions(epoch: number, scores: Scores): Predictions[];
}

/** What a task brings to the training loop. */
export interface TaskParts {
  post: (events: TrainerEvent[]) => void;
  /**
   * Computes all shards of step `step` (from 0), whose batch starts at `batchStart` of the epoch's order: gradients,
   * statistics, losses and hits are in the memory when it is done. Gives the order in which the shards finished.
   */
  computeStep(step: number, batchStart: number): Uint8Array | Promise<Uint8Array>;
  evaluation: Evaluation;
}

/** Trains the run that the plan describes, on this thread and those that help it, and posts its events. */
export async function train(
  plan: TrainingPlan,
  memory: Memory,
  { post, computeStep, evaluation }: TaskParts,
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

  initialise(memory.parameters, layout, plan.keys.init);
  ladder.dataset();
  ladder.initialWeights();
  let held: HeldScores | null = null;
  let firstEpoch = 0;
  if (plan.resumeFrom) resume(plan.resumeFrom);

  for (let epoch = firstEpoch; epoch < epochs; epoch++) {
    const started = performance.now();
    const { loss, right } = await trainEpoch(epoch);
    const trained = performance.now();
    await evaluateEpoch(epoch + 1, loss, right);
    phases.train += (trained - started) / 1000;
    phases.evaluate += (performance.now() - trained) / 1000;
  }
  return finish();

  async function trainEpoch(epoch: number): Promise<{ loss: number; right: number }> {
    const order = permutation(trainIds.length, draws(plan.keys.dataOrder, epoch));
    for (const [position, index] of order.entries()) memory.order[position] = trainIds[index] as number;
    ladder.dataOrder(epoch + 1);
    let loss = 0;
    let right = 0;
    for (let batch = 0; batch < stepsPerEpoch; batch++) {
      const step = epoch * stepsPerEpoch + batch;
      const summed = chooseOrder(step, await computeStep(step, batch * batchSize));
      orders.set(Array.from(summed), step * shards);
      if (plan.order !== "fixed") events.reductionOrder(step, summed);
      const stepLoss = reduceGradients(memory, summed, gradient);
      ladder.gradient(stepLoss, gradient);
      updateRunningStatistics(memory, layout.trained, hyper.batchNormMomentum);
      const learningRate = learningRateAt(hyper, { step, stepsPerEpoch, totalSteps });
      optimizer.update(trainedParameters, gradient, { learningRate, step });
      ladder.step(step);
      loss += stepLoss;
      for (let shard = 0; shard < shards; shard++) right += memory.correct[shard] as number;
    }
    return { loss, right };
  }

  async function evaluateEpoch(epoch: number, loss: number, right: number): Promise<void> {
    events.metric("trainLoss", epoch, loss / stepsPerEpoch);
    events.metric("trainAccuracy", epoch, right / (stepsPerEpoch * batchSize));
    const { metrics, scores } = await evaluation.measure();
    let objective: number | null = null;
    for (const [key, value] of metrics) {
      events.metric(key, epoch, value);
      if (key === plan.objective?.metric && !Number.isNaN(value)) objective = value;
    }
    if (isSelected(epoch, objective)) held = { epoch, objective, scores };
    ladder.epoch(epoch);
    events.progress(epoch, epochs);
    const { offset, size } = plan.lastLayer;
    events.embedding(epoch, memory.parameters.subarray(offset, offset + size));
    const every = plan.checkpointEveryEpochs;
    if (every !== null && epoch % every === 0 && epoch < epochs) saveCheckpoint(epoch);
    events.flushIfDue();
  }

  /** Whether this epoch's test figures are to be reported so far; of equally good epochs the first stays. */
  function isSelected(epoch: number, objective: number | null): boolean {
    if (plan.selection.epoch === "last") return epoch === epochs;
    if (held === null) return true;
    if (objective === null || held.objective === null) return objective !== null;
    return plan.objective?.direction === "minimize" ? objective < held.objective : objective > held.objective;
  }

  function saveCheckpoint(epoch: number): void {
    const step = epoch * stepsPerEpoch;
    const path = writeCheckpoint(plan.outputDirectory, {
      ...plan.digests,
      epoch,
      step,
      held,
      parameters: memory.parameters,
      optimizer: optimizer.state,
      orders: orders.subarray(0, step * shards),
    });
    events.send({ type: "checkpoint", path, step, epoch });
  }

  function resume(checkpoint: Checkpoint): void {
    memory.parameters.set(checkpoint.parameters);
    for (const [name, state] of Object.entries(optimizer.state)) {
      state.set(present(checkpoint.optimizer[name], `Optimizer state ${name}`));
    }
    orders.set(checkpoint.orders);
    held = checkpoint.held;
    firstEpoch = checkpoint.epoch;
    const message = `Resumed after epoch ${checkpoint.epoch} (step ${checkpoint.step}).`;
    events.send({ type: "log", level: "info", message });
  }

  function finish(): TrainingResult {
    const { epoch, scores } = present(held, "The selected epoch");
    const digest = ladder.finalWeights();
    const bits = Object.values(scores).map((rows) => Float64Array.from(rows.flat()));
    events.digest("predictions", 0, sha256(...bits));
    if (keepsWeights(plan.keepWeights, layout)) {
      const path = writeWeights(plan.outputDirectory, memory.parameters, layout);
      events.send({ type: "artifact", kind: "finalWeights", path, step: totalSteps, epoch: epochs });
    }
    events.flush();
    for (const predictions of evaluation.predictions(epoch, scores)) events.predictions(predictions);
    return { digest, selectedEpoch: epoch, phases };
  }
}
