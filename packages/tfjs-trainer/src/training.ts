import type { TrainerEvent } from "@reprise/contracts";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type Checkpoint, type HeldScores, writeCheckpoint } from "./checkpoint.js";
import { digestOfStep, digestOfWeights, sha256 } from "./digests.js";
import { present } from "./errors.js";
import { chooseThreshold, classificationMetrics, createScorer, type Scored } from "./evaluation.js";
import { createEventBatch } from "./event-batch.js";
import { initialise } from "./layout.js";
import type { Memory } from "./memory.js";
import { buildModel } from "./models/build-model.js";
import { createOptimizer } from "./optimizers.js";
import type { RunPlan } from "./plan.js";
import { createOrderSource, reduceGradients, updateRunningStatistics } from "./reduction.js";
import { learningRateAt } from "./schedules.js";
import { arrivalOrder, publishStep, type StepShare, workOnStep } from "./step-threads.js";
import { draws, permutation } from "./streams.js";
import type { Weights } from "./weights.js";

/** The last summary of a run: what `done` carries. */
export interface TrainingResult {
  digest: string;
  selectedEpoch: number;
  phases: Record<string, number>;
}

/**
 * Trains the run that the plan describes, on this thread and those that help it, and posts its events. `share` is this
 * thread's part of every step.
 */
export function train(
  plan: RunPlan,
  memory: Memory,
  given: {
    backend: BackendWasm;
    weights: Weights;
    share: StepShare;
    post: (events: TrainerEvent[]) => void;
  },
): TrainingResult {
  const { hyper, layout, stepsPerEpoch, totalSteps, splitIds } = plan;
  const { backend, weights, share } = given;
  const { batchSize, shards, epochs } = hyper;
  const events = createEventBatch(given.post);
  const optimizer = createOptimizer(hyper, layout);
  const chooseOrder = createOrderSource(plan);
  const orders = new Uint8Array(totalSteps * shards);
  const gradient = new Float32Array(layout.trained);
  const trainedParameters = memory.parameters.subarray(0, layout.trained);
  const scorers = {
    validation: createScorer(plan, memory, { backend, weights, ids: splitIds.validation }),
    test: createScorer(plan, memory, { backend, weights, ids: splitIds.test }),
  };
  const labelsOf = (ids: Int32Array) => ids.map((id) => memory.labels[id] as number);
  const labels = { validation: labelsOf(splitIds.validation), test: labelsOf(splitIds.test) };
  const lastLayerName = buildModel(hyper, plan.inputShape, plan.classes.length).lastLayer;
  const lastLayer = present(
    layout.tensors.find((tensor) => tensor.name === lastLayerName),
    lastLayerName,
  );
  const phases = { train: 0, evaluate: 0 };

  initialise(memory.parameters, layout, plan.keys.init);
  events.digest("dataset", 0, plan.digests.dataset);
  events.digest("initialWeights", 0, digestOfWeights(memory.parameters, layout));
  let held: HeldScores | null = null;
  let firstEpoch = 0;
  if (plan.resumeFrom) resume(plan.resumeFrom);

  for (let epoch = firstEpoch; epoch < epochs; epoch++) {
    const started = performance.now();
    const { loss, right } = trainEpoch(epoch);
    const trained = performance.now();
    weights.load();
    evaluateEpoch(epoch + 1, loss, right);
    phases.train += (trained - started) / 1000;
    phases.evaluate += (performance.now() - trained) / 1000;
  }
  return finish();

  function trainEpoch(epoch: number): { loss: number; right: number } {
    const order = permutation(splitIds.train.length, draws(plan.keys.dataOrder, epoch));
    for (const [position, index] of order.entries()) memory.order[position] = splitIds.train[index] as number;
    events.digest("dataOrder", epoch + 1, sha256(memory.order));
    let loss = 0;
    let right = 0;
    for (let batch = 0; batch < stepsPerEpoch; batch++) {
      const step = epoch * stepsPerEpoch + batch;
      publishStep(memory, step, batch * batchSize);
      workOnStep(memory, share);
      const summed = chooseOrder(step, arrivalOrder(memory));
      orders.set(Array.from(summed), step * shards);
      if (plan.order !== "fixed") events.reductionOrder(step, summed);
      const stepLoss = reduceGradients(memory, summed, gradient);
      events.digest("step", step, digestOfStep(stepLoss, gradient));
      updateRunningStatistics(memory, layout.trained, hyper.batchNormMomentum);
      const learningRate = learningRateAt(hyper, { step, stepsPerEpoch, totalSteps });
      optimizer.update(trainedParameters, gradient, { learningRate, step });
      loss += stepLoss;
      for (let shard = 0; shard < shards; shard++) right += memory.correct[shard] as number;
    }
    return { loss, right };
  }

  function evaluateEpoch(epoch: number, loss: number, right: number): void {
    events.metric("trainLoss", epoch, loss / stepsPerEpoch);
    events.metric("trainAccuracy", epoch, right / (stepsPerEpoch * batchSize));
    const validation: Scored = { labels: labels.validation, scores: scorers.validation() };
    const test: Scored = { labels: labels.test, scores: scorers.test() };
    const threshold = chooseThreshold(plan, validation);
    const { positiveClass } = plan;
    let objective: number | null = null;
    for (const [split, scored] of [
      ["validation", validation],
      ["test", test],
    ] as const) {
      if (scored.labels.length === 0) continue;
      for (const [name, value] of Object.entries(
        classificationMetrics(scored, { positiveClass, threshold }),
      )) {
        events.metric(`${split}${name}`, epoch, value);
        if (`${split}${name}` === plan.objective?.metric && !Number.isNaN(value)) objective = value;
      }
    }
    if (isSelected(epoch, objective))
      held = { epoch, objective, validation: validation.scores, test: test.scores };
    events.digest("epoch", epoch, digestOfWeights(memory.parameters, layout));
    events.progress(epoch, epochs);
    const { offset, size } = lastLayer;
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
    const selected = present(held, "The selected epoch");
    const threshold = chooseThreshold(plan, { labels: labels.validation, scores: selected.validation });
    const digest = digestOfWeights(memory.parameters, layout);
    events.digest("finalWeights", 0, digest);
    events.digest(
      "predictions",
      0,
      sha256(Float64Array.from(selected.validation.flat()), Float64Array.from(selected.test.flat())),
    );
    events.flush();
    for (const split of ["validation", "test"] as const) {
      if (labels[split].length === 0) continue;
      events.predictions({
        split,
        epoch: selected.epoch,
        ids: splitIds[split],
        labels: labels[split],
        scores: selected[split],
        threshold: threshold !== null && Number.isFinite(threshold) ? threshold : null,
      });
    }
    return { digest, selectedEpoch: selected.epoch, phases };
  }
}
