import type { Run } from "@reprise/contracts";
import { createRandom } from "@reprise/statistics";
import type { AnalysisInput } from "../analyses/input.js";
import { expandSweep } from "../design/expand-sweep.js";
import { endedRun, inputOf } from "../test-support/runs-fixture.js";
import { specOf } from "../test-support/spec-fixture.js";
import type { SimulatedStudy, World } from "./worlds.js";

export type Design = { seeds: number; repeats: number; studies: number; firstSeed?: number };

/** Orders of runs that are drawn: a claim rests on the order being random, so that one order alone would be another question. */
const orders = 64;

/**
 * Studies of one configuration with one deterministic run per seed and `repeats` free ones, each with seeds, sessions and an order of its
 * own: what is analysed of the study, and the draws behind it.
 */
export function simulateStudies(
  world: World,
  { seeds, repeats, studies, firstSeed = 20_260_101 }: Design,
  visit: (input: AnalysisInput, drawn: SimulatedStudy, study: number) => void,
): void {
  const order = world.order ?? "randomized-blocks";
  const planned = Array.from(
    { length: order === "listed" ? 1 : Math.min(orders, studies) },
    (_, orderSeed) => {
      const spec = specOf({
        search: { method: "list", configurations: [{ optimizer: "adam" }] },
        seeds: Array.from({ length: seeds }, (_, k) => k),
        modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats } },
        ...{ order, orderSeed },
        analysisPlan: { primaryMetric: "score" },
      });
      const runs = expandSweep(spec)
        .filter(({ arm, seed, repeat }) => arm === "det" || (world.has?.(seed, repeat) ?? true))
        .map((run) => endedRun(run, { metrics: { score: 0 } }));
      return { empty: inputOf(spec, () => ({ metrics: { score: 0 } })), runs };
    },
  );
  for (let study = 0; study < studies; study += 1) {
    const { empty, runs: templates } = planned[study % planned.length] ?? { empty: null, runs: [] };
    if (!empty) return;
    const drawn = world.study(createRandom(firstSeed, study), templates.length);
    const runs = templates.map((run): Run => {
      const selected = drawn.value(run.seed, run);
      const summary = run.summary.score;
      return summary ? { ...run, summary: { score: { ...summary, selected } } } : run;
    });
    visit({ ...empty, runs }, drawn, study);
  }
}

/** Relabelings that a simulated study spares: the product enumerates up to 100,000. */
export const relabelingOf = (study: number) => ({ exactUpTo: 600, draws: 499, seed: study });
