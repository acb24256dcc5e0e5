import { parseSweepSpec, type SweepSpec } from "@reprise/contracts";

/** A sound design for the example trainer. */
const good = {
  name: "good",
  trainer: "example",
  dataset: { name: "wdbc", split: { train: 0.45, validation: 0.15, test: 0.4 } },
  base: { model: "mlp", hiddenUnits: [64, 64], batchNorm: true, clipNorm: null },
  search: {
    method: "grid",
    parameters: {
      optimizer: ["adam", "sgd"],
      learningRate: { min: 0.001, max: 0.1, scale: "log", steps: 3 },
    },
  },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } },
  objective: { metric: "validationAccuracy", direction: "maximize" },
  analysisPlan: { primaryMetric: "testLoss", margin: { testLoss: 0.01 } },
};

/** The sound design with some of its keys replaced. */
export function specOf(change: object): SweepSpec {
  const parsed = parseSweepSpec({ ...good, ...change });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}
