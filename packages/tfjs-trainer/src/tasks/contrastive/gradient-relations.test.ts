import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { reduceGradients } from "../../arithmetic/reduction.js";
import { createWeights } from "../../loop/weights.js";
import { requestOf } from "../../test-support/run-request.js";
import { startTestBackend } from "../../test-support/start-test-backend.js";
import { allocateContrastiveMemory } from "./memory.js";
import { planContrastive } from "./plan.js";
import { createRankComputer } from "./rank-computer.js";
import { initialiseClip } from "./tensors.js";

const datasets = fileURLToPath(new URL("../../../datasets", import.meta.url));
const batch = 16;

let backend: HostBackend;
beforeAll(async () => {
  backend = await startTestBackend();
});

type Gathering = {
  gatherWithGrad: boolean;
  localLoss: boolean;
};

/** A run of one step of 16 pairs over so many ranks. */
function planOf(ranks: number) {
  const parameters = {
    model: "clip",
    width: 16,
    layers: 1,
    heads: 2,
    embedDim: 8,
    contextLength: 24,
    batchSizePerRank: batch / ranks,
    cropScale: [0.8, 1],
  };
  const split = { train: 0.2, validation: 0, test: 0.8, seed: 1, groupBy: null };
  const request = requestOf("fixed", parameters, {
    task: "contrastive",
    dataset: { name: "digits", split },
    resources: { threads: 1, ranks },
  });
  return planContrastive(request, {
    folders: { bundled: datasets, root: null, cache: null },
    report: () => {},
    warn: () => {},
  });
}

/** The mean over ranks of the gradient of one step on the same 16 pairs, and the temperature's gradient apart from it. */
function gradientOf({ plan: planned, data }: Awaited<ReturnType<typeof planOf>>, gathering: Gathering) {
  const plan = { ...planned, hyper: { ...planned.hyper, ...gathering } };
  const { layout, shape, keys, ranks } = plan;
  const memory = allocateContrastiveMemory(plan, data);
  initialiseClip(memory.parameters, { layout, shape, key: keys.init });
  memory.order.set(plan.trainIds);
  const weights = createWeights(layout, memory, backend);
  const computer = createRankComputer(plan, memory, { backend, weights });
  computer.loadWeights();
  const all = Array.from({ length: ranks }, (_, rank) => rank);
  for (const rank of all) computer.encode(rank, { step: 0, batchStart: 0 });
  for (const rank of all) computer.loss(rank);
  for (const rank of all) computer.backward(rank);
  const gradient = new Float32Array(layout.trained);
  const loss = reduceGradients(memory, all, gradient);
  const temperature = layout.tensors.find(({ name }) => name === "logit_scale")?.offset ?? 0;
  const scale = gradient[temperature] as number;
  gradient[temperature] = 0;
  return { loss, scale, gradient: Float64Array.from(gradient) };
}

const lengthOf = (v: Float64Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
const distance = (a: Float64Array, b: Float64Array) =>
  lengthOf(a.map((x, i) => x - (b[i] as number))) / lengthOf(b);
const cosine = (a: Float64Array, b: Float64Array) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0) / lengthOf(a) / lengthOf(b);
const times = (factor: number, v: Float64Array) => v.map((x) => factor * x);

describe("gradients of ranks against the global loss", () => {
  it.each([1, 2, 4])("%i ranks: what gathering and local loss do", async (ranks) => {
    const planned = await planOf(ranks);
    const whole = gradientOf(await planOf(1), { gatherWithGrad: true, localLoss: false });
    const global = gradientOf(planned, { gatherWithGrad: true, localLoss: false });
    const local = gradientOf(planned, { gatherWithGrad: true, localLoss: true });
    const cut = gradientOf(planned, { gatherWithGrad: false, localLoss: false });
    const lone = gradientOf(planned, { gatherWithGrad: false, localLoss: true });

    // All see the same batch: the reported loss is the same.
    for (const { loss } of [global, local, cut, lone]) expect(loss).toBeCloseTo(whole.loss, 5);
    // With gathered gradients both losses give the global gradient.
    expect(distance(global.gradient, whole.gradient)).toBeLessThan(1e-5);
    expect(distance(local.gradient, whole.gradient)).toBeLessThan(1e-5);
    // Whole matrix without them: the same direction, 1/ranks as long, but for the temperature.
    expect(distance(times(ranks, cut.gradient), whole.gradient)).toBeLessThan(1e-5);
    expect(cut.scale).toBeCloseTo(whole.scale, 6);
    // Local loss without them: another direction, because features are then queries only; a lone rank has nothing to gather.
    if (ranks === 1) expect(distance(lone.gradient, whole.gradient)).toBeLessThan(1e-5);
    else expect(cosine(lone.gradient, whole.gradient)).toBeLessThan(0.99);
    for (const { scale } of [global, local, lone]) expect(scale).toBeCloseTo(whole.scale, 6);
  });
});
