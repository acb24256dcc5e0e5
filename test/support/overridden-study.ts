import { run } from "@reprise/contracts";
import type { Api } from "./api.js";

/** Accuracies of two deterministic and four free repeats, as a program that reseeds itself may have them. */
const accuracies = { det: [0.912, 0.887], free: [0.905, 0.931, 0.874, 0.918] };

/** A program that, as Reprise's code sees, does as its arm asks until step 10, then switches determinism off and takes another seed. */
const overridden = [
  { step: 0, name: "torch.use_deterministic_algorithms", value: true },
  { step: 10, name: "torch.use_deterministic_algorithms", value: false, where: "train.py:31" },
  { step: 20, name: "torch.use_deterministic_algorithms", value: false },
  { step: 0, name: "torch.backends.cudnn.benchmark", value: true },
  { step: 0, name: "seed", value: 42 },
  { step: 10, name: "seed", value: 3_141_592_653, where: "train.py:33" },
  { step: 0, name: "seed", value: 43, rank: 1 },
  { step: 1, name: "optimizer.type", value: "SGD" },
  { step: 1, name: "optimizer.weight_decay", value: 0 },
  { step: 1, name: "optimizer.lr", value: 0.01 },
  { step: 10, name: "optimizer.lr", value: 0.001 },
  { step: 20, name: "optimizer.lr", value: 0.001 },
];

/** What `python -m reprise locate` answers of such a program. */
const located = {
  ...{ steps: 10, tries: 1 },
  parted: {
    class: "nondeterministic-operation",
    sentence: "The operation was given the same and gave something else.",
    ...{ step: 11, phase: "backward", module: "Lookup", operation: "aten.index_put.default" },
    ...{ line: "train.py:52", tensor: "gradient of rows", shape: "float32[40, 64]" },
    ...{ ulp: 53_250, relative: 0.004, differing: 2147, size: 2560, pairs: [] },
    causes: [
      {
        name: "torch.Tensor.index_put with accumulate=True",
        condition: "when called on a CPU tensor",
        deterministic: true,
      },
    ],
    documentation: "https://docs.pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html",
  },
};

/** A study of runs logged from outside, both deterministic of which were observed not to run as their arm asks. */
export async function overriddenStudy(api: Api): Promise<{ sweepId: string; departedId: string }> {
  const { id: sweepId } = await api.createSweep({
    ...{ name: "a program that overrides its settings", trainer: "external", dataset: "slides" },
    ...{ search: { method: "external" }, seeds: [42] },
    modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
    analysisPlan: { primaryMetric: "testAccuracy" },
  });
  const ids: string[] = [];
  for (const [arm, values] of Object.entries(accuracies)) {
    for (const [repeat, value] of values.entries()) {
      const asked = { sweepId, arm, repeat, seed: 42, params: { learningRate: 0.01, weightDecay: 0.0005 } };
      const { id } = run.parse(await api.call("/runs", asked));
      const steps = { steps: [1, 2], values: [value - 0.1, value] };
      await api.call(`/runs/${id}/metrics`, { series: { testAccuracy: steps } });
      if (arm === "det")
        await api.call(`/runs/${id}/observations`, {
          observations: overridden.map((look) => ({ ...look, observer: "reprise" })),
          gaps: [{ what: "the order of the data", reason: "The loader has a sampler of its own." }],
        });
      await api.call(`/runs/${id}/finish`, {});
      if (arm === "det") await api.call(`/runs/${id}/divergence`, { ...located, runIds: [id] });
      ids.push(id);
    }
  }
  return { sweepId, departedId: ids[0] ?? "" };
}

/** A run that was observed as its arm asks, and whose program logs a weight decay that its optimizer does not have. */
export async function misreportingRun(api: Api): Promise<string> {
  const study = "a program that logs what it does not use";
  const asked = { study, params: { learningRate: 0.01 }, seed: 7, mode: "deterministic" };
  const { id } = run.parse(await api.call("/runs", asked));
  const seen = [
    { step: 0, name: "torch.use_deterministic_algorithms", value: true },
    { step: 10, name: "torch.use_deterministic_algorithms", value: true },
    { step: 0, name: "torch.backends.cudnn.benchmark", value: false },
    { step: 0, name: "torch.backends.cuda.matmul.allow_tf32", value: false },
    { step: 0, name: "torch.initial_seed", value: 7 },
    { step: 1, name: "optimizer.weight_decay", value: 0 },
    { step: 10, name: "optimizer.weight_decay", value: 0 },
  ];
  const logged = { step: 0, name: "wandb.config.weight_decay", value: 0.0005 };
  await api.call(`/runs/${id}/observations`, {
    observations: [...seen.map((look) => ({ ...look, observer: "reprise" })), logged],
  });
  await api.call(`/runs/${id}/finish`, {});
  return id;
}
