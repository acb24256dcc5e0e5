import type { Predictions } from "@reprise/contracts";
import { createRandom, type Random } from "@reprise/statistics";
import type { AnalysisInput } from "../analyses/input.js";
import { exampleSpec } from "./example-study.js";
import { inputOf } from "./runs-fixture.js";
import { specOf } from "./spec-fixture.js";

/** Two configurations, three seeds, one deterministic run and two free ones each. */
const spec = specOf({
  ...exampleSpec,
  dataset: { name: "clinic", split: { train: 0.5, validation: 0.1, test: 0.4, seed: 1, groupBy: "patient" } },
  search: { method: "list", configurations: [{ optimizer: "adam" }, { optimizer: "sgd" }] },
  seeds: [0, 1, 2],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 2 } },
});

const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

/** Sixty patients with one to four cases each, of two sites; scores hang together within a patient, and a little within a run. */
function predictionsOf(at: number): Predictions {
  const patients = createRandom(7);
  const noise = createRandom(8, at);
  const ids: string[] = [];
  const labels: number[] = [];
  const scores: [number, number][] = [];
  const patient: string[] = [];
  const site: string[] = [];
  for (let p = 0; p < 60; p++) {
    const ill = patients.uniform() < 0.5;
    const tendency = (ill ? 1 : -1) + 1.2 * normal(patients);
    const cases = 1 + patients.integer(4);
    for (let c = 0; c < cases; c++) {
      const risk = 1 / (1 + Math.exp(-(tendency + 0.5 * normal(patients) + 0.4 * normal(noise))));
      ids.push(`${p}-${c}`);
      labels.push(ill ? 0 : 1);
      scores.push([risk, 1 - risk]);
      patient.push(`p${p}`);
      site.push(p % 3 === 0 ? "north" : "south");
    }
  }
  return {
    ...{ split: "test", epoch: 1, classes: ["ill", "well"], positiveClass: 0, threshold: 0.5 },
    ...{ ids, labels, scores, groups: { patient }, subgroups: { site } },
  };
}

/** A study whose cases share patients; `told: false` leaves patients and sites out. */
export function patientsInput({ told = true }: { told?: boolean } = {}): AnalysisInput {
  const input = inputOf(spec, () => ({ metrics: { testAccuracy: 0.8 } }));
  const predictions = new Map(
    input.runs.map((run, at) => {
      const { groups, subgroups, ...bare } = predictionsOf(at);
      return [run.id, told ? { ...bare, groups, subgroups } : bare] as const;
    }),
  );
  return { ...input, predictions };
}
