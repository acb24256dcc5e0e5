import { parseSweepSpec, type SequentialDesign, type SweepSpec } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { expandLook, expandSweep } from "../../design/expand-sweep.js";
import { designErrors } from "../../design/sweep-design.js";
import { endedRun, inputOf } from "../../test-support/runs-fixture.js";
import type { AnalysisInput } from "../input.js";
import { configurationsAnalysis } from "./configurations.js";
import { judgedAsSequential } from "./judged-as-sequential.js";
import { lookTaken, sequentialAnalysis } from "./sequential.js";

function specOf(design: Partial<SequentialDesign>, more: Record<string, unknown> = {}): SweepSpec {
  const parsed = parseSweepSpec({
    name: "sequential",
    dataset: "wdbc",
    search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
    seeds: [7],
    analysisPlan: {
      primaryMetric: "testAccuracy",
      contrasts: ["configuration"],
      margin: { testAccuracy: 0.02 },
    },
    design: { method: "sequential", maxSeeds: 8, ...design },
    ...more,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}

/** sgd is better by `shift`, give or take what a seed adds. */
const noise = [0.004, -0.003, 0.001, -0.002, 0.003, -0.001, 0.002, -0.004];
function studyAt(
  spec: SweepSpec,
  look: number,
  shift: number,
  more: Partial<AnalysisInput> = {},
): AnalysisInput {
  const seeds = [...new Set(expandSweep(spec).map(({ seed }) => seed))];
  const input = inputOf(spec, () => ({ metrics: {} }), more);
  const runs = expandLook(spec, look).map((planned) => {
    const place = [...seeds].sort((a, b) => (a === 7 ? -1 : b === 7 ? 1 : a - b)).indexOf(planned.seed);
    const own = planned.params.optimizer === "sgd" ? shift + (noise[place] ?? 0) : 0;
    return endedRun(planned, { metrics: { testAccuracy: 0.9 + own } });
  });
  return { ...input, runs };
}

describe("a sequential design", () => {
  it("has the seeds listed first, then the smallest, and keys that do not depend on the look", () => {
    const spec = specOf({ looks: [4, 8] });
    const first = expandLook(spec, 0);
    expect([...new Set(first.map(({ seed }) => seed))].toSorted()).toEqual([0, 1, 2, 7]);
    expect(expandLook(spec, 1).slice(0, first.length)).toEqual(first);
    expect(expandLook(spec, 1)).toHaveLength(16);
    const fixed = specOf({}, { design: undefined, seeds: [7, 0, 1, 2] });
    expect(new Set(expandSweep(fixed).map(({ key }) => key))).toEqual(new Set(first.map(({ key }) => key)));
  });

  it("needs a plan, a margin for equivalence, looks up to its maximum, and a question", () => {
    const errorsOf = (change: Record<string, unknown>) => {
      const parsed = parseSweepSpec({ ...specOf({}), ...change });
      return parsed.ok
        ? designErrors(parsed.value).map(({ path }) => path)
        : parsed.errors.map(({ path }) => path);
    };
    expect(errorsOf({ analysisPlan: undefined })).toEqual(["analysisPlan"]);
    const plan = { primaryMetric: "testAccuracy", contrasts: ["configuration"] };
    const design = { method: "sequential", maxSeeds: 8 };
    expect(errorsOf({ analysisPlan: plan, design: { ...design, settle: ["equivalence"] } })).toEqual([
      "design.settle",
    ]);
    expect(errorsOf({ design: { ...design, looks: [4, 6] } })).toEqual(["design.looks"]);
    expect(errorsOf({ design: { ...design, looks: [6, 5, 8] } })).toEqual(["design.looks.1"]);
    expect(errorsOf({ seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8] })).toEqual(["design.maxSeeds"]);
    expect(errorsOf({ analysisPlan: { ...plan, contrasts: ["mode"] } })).toEqual(["analysisPlan.contrasts"]);
  });
});

describe("the sequential analysis", () => {
  it("goes on while nothing is settled, and says where the next look is", () => {
    const answer = sequentialAnalysis(studyAt(specOf({}), 0, 0.001));
    expect(answer).toMatchObject({ seedsTrained: 4, maxSeeds: 8, bounds: "anytime", alpha: 0.05 });
    expect(answer.verdicts[0]?.sentence).toContain("not settled yet, after 4 of at most 8 seeds");
    expect(answer.verdicts[0]?.sentence).toContain("The next look is at 5 seeds");
    expect(lookTaken(answer, studyAt(specOf({}), 0, 0.001).runs)).toMatchObject({ why: null, next: 1 });
  });

  it("stops at a difference with error held over all looks", () => {
    const input = studyAt(specOf({}), 2, 0.05);
    const answer = sequentialAnalysis(input);
    const [question] = answer.questions;
    expect(question?.settled).toEqual({ claim: "difference", seeds: 4, n: 4 });
    expect(question?.verdict.sentence).toMatch(
      /differs by \+5\.\d \[.*\] pp \(settled after 4 of at most 8 seeds; error 5 %/,
    );
    expect(question?.path.slice(0, 3).every(({ claim }) => claim === null)).toBe(true);
    expect(lookTaken(answer, input.runs).why).toBe("settled");
  });

  it("shows equivalence within the margin of the plan", () => {
    const input = studyAt(specOf({ settle: ["equivalence"] }), 4, 0.001);
    const answer = sequentialAnalysis(input);
    expect(answer.questions[0]?.settled?.claim).toBe("equivalence");
    expect(answer.verdicts[0]?.sentence).toContain("within ±2 pp, fixed beforehand");
  });

  it("claims nothing between planned looks, and spends all error at the last", () => {
    const answer = sequentialAnalysis(studyAt(specOf({ looks: [4, 8] }), 1, 0.008));
    expect(answer.bounds).toBe("obrien-fleming");
    expect(answer.questions[0]?.path.map(({ claim }) => claim).filter(Boolean).length).toBeLessThanOrEqual(2);
    expect(answer.questions[0]?.settled?.seeds).toBe(8);
  });

  it("counts seeds without a result and leaves them out", () => {
    const spec = specOf({});
    const input = studyAt(spec, 4, 0.001);
    const runs = input.runs.map((run) =>
      run.seed === 1 && run.params.optimizer === "sgd" ? { ...run, status: "failed" as const } : run,
    );
    const answer = sequentialAnalysis({ ...input, runs });
    expect(answer.questions[0]?.path.at(-1)).toMatchObject({ seeds: 8, n: 7 });
    expect(answer.verdicts[0]?.sentence).toContain("1 of them lacking a result on at least one side");
    expect(lookTaken(answer, runs)).toMatchObject({ why: "maximum", look: { runsWithoutResult: 1 } });
  });

  it("shares the error among its questions", () => {
    const search = { method: "grid", parameters: { optimizer: ["adam", "sgd", "adamw"] } };
    const spec = specOf({}, { search });
    expect(sequentialAnalysis(studyAt(spec, 0, 0)).alpha).toBe(0.025);
  });

  it("keeps what was recorded when runs are excluded later, and says so", () => {
    const spec = specOf({});
    const input = studyAt(spec, 0, 0.05);
    const { look } = lookTaken(sequentialAnalysis(input), input.runs);
    const at = "2026-01-02T00:00:00.000Z";
    const record = { looks: [{ ...look, at }], end: { at, look: 1, why: "settled" as const } };
    const runs = input.runs.map((run) => (run.seed === 1 ? { ...run, excludedReason: "wrong data" } : run));
    const answer = sequentialAnalysis({ ...input, runs, sweep: { ...input.sweep, sequential: record } });
    expect(answer.questions[0]).toMatchObject({ settled: null, recorded: { claim: "difference", seeds: 4 } });
    expect(answer.notes[0]).toMatch(
      /settled on 2026-01-02 after 4 seeds, as recorded.*would not have been settled/,
    );
  });

  it("says beside tests of a fixed sample what they are in such a study", () => {
    const input = studyAt(specOf({}), 1, 0.05);
    const { notes } = judgedAsSequential(configurationsAnalysis(input), input.sweep);
    expect(notes[0]).toContain("decides from its results when to stop");
  });

  it("has no rows for a study of fixed size", () => {
    const spec = specOf({}, { design: undefined });
    expect(sequentialAnalysis(inputOf(spec, () => ({ metrics: { testAccuracy: 0.9 } })))).toMatchObject({
      bounds: null,
      questions: [],
      table: { rows: [] },
    });
  });
});
