import {
  digestSource,
  isOtherwise,
  type Observation,
  type Run,
  settingsOf,
  stretchesOf,
} from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { determinismAnalysis } from "../analyses/determinism/determinism.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { exampleInput } from "../test-support/example-study.js";
import { evidenceOf } from "./evidence.js";
import { runClaims } from "./run-claims.js";

const looks = (
  name: string,
  values: [step: number | null, value: Observation["value"]][],
  more: Partial<Observation> = {},
) => values.map(([step, value]): Observation => ({ step, name, value, observer: "reprise", ...more }));

/** A run of somebody else's program, with what was seen of it. */
function seen(run: Run, observations: readonly Observation[], more: Partial<Run> = {}): Run {
  const foreign: Run = { ...run, trainer: "my-train", ...more };
  const observed = settingsOf(foreign, observations);
  return { ...foreign, observed, departures: observed.filter(isOtherwise).length };
}

const [deterministic] = exampleInput().runs.filter(({ arm }) => arm === "det");
if (!deterministic) throw new Error("the example has no deterministic run");
const evidence = (observations: Observation[], more: Partial<Run> = {}) =>
  evidenceOf(seen(deterministic, observations, more), stretchesOf(observations));

const asRequested = [
  ...looks("torch.use_deterministic_algorithms", [
    [0, true],
    [9, true],
  ]),
  ...looks("torch.backends.cudnn.benchmark", [[0, false]]),
  ...looks("torch.backends.cuda.matmul.allow_tf32", [[0, false]]),
  ...looks("torch.initial_seed", [[0, deterministic.seed]]),
];
const switchedOn = looks("torch.backends.cudnn.benchmark", [[4, true]], { where: "train.py:12" });

describe("evidence of a run", () => {
  it("holds its arm where settings and seed were observed as requested", () => {
    expect(evidence(asRequested)).toMatchObject({
      contradictions: [],
      arm: { name: "det", held: true },
      coverage: { level: "complete", looks: 5, settings: 4, firstStep: 0, lastStep: 9, ranks: [0] },
      gaps: [],
    });
  });

  it("does not call an arm held of which no step was seen, as of a run that failed on an import", () => {
    const before = asRequested.filter(({ step }) => step === 0);
    for (const status of ["failed", "succeeded"] as const)
      expect(evidence(before, { status })).toMatchObject({
        arm: { held: null, reason: expect.stringMatching(/^Not observed/) },
        coverage: { level: "partial" },
      });
    const begun = { ...deterministic, status: "failed" as const, summary: {} };
    expect(evidenceOf(begun, [])).toMatchObject({ arm: { held: null }, coverage: { level: "partial" } });
  });

  it("calls nothing held or observed that was never in effect", () => {
    const began = (value: boolean) =>
      looks("torch.cuda.is_initialized", [
        [0, false],
        [9, value],
      ]);
    const { arm } = evidence([...asRequested, ...began(false)]);
    expect(arm).toMatchObject({ held: true });
    expect(arm.reason).toContain("Not observed in effect: autotuning and TF32");
    const claims = (value: boolean) =>
      runClaims(seen(deterministic, [...asRequested, ...began(value)]), { verifications: [] });
    const autotune = (value: boolean) => claims(value).find(({ subject }) => subject === "autotune");
    expect(autotune(false)).toMatchObject({ known: "requested", departs: false });
    expect(autotune(false)?.reason).toContain(
      "It was not observed in effect: the process never began to use CUDA",
    );
    expect(autotune(true)).toMatchObject({ known: "observed" });
    expect(claims(true).some(({ departs }) => departs)).toBe(false);
  });

  it("names setting, request, value, step and line of what departs, in the types they have", () => {
    const { contradictions, arm } = evidence([...asRequested, ...switchedOn]);
    expect(contradictions).toEqual([
      {
        name: "torch.backends.cudnn.benchmark",
        requested: false,
        observed: true,
        step: 4,
        toStep: 4,
        observer: "reprise",
        where: "train.py:12",
        sentence:
          "torch.backends.cudnn.benchmark was observed as true at step 4, set in train.py:12; false was requested.",
      },
    ]);
    expect(arm).toMatchObject({ held: false });
  });

  it("still holds its arm where the program merely logs what its optimizer does not use", () => {
    const { contradictions, arm } = evidence([
      ...asRequested,
      ...looks("optimizer.weight_decay", [[1, 0.2]]),
      ...looks("wandb.config.weight_decay", [[0, 0.3]], { observer: "program" }),
    ]);
    expect(contradictions).toMatchObject([{ name: "optimizer.weight_decay", requested: 0.3, observed: 0.2 }]);
    expect(arm).toMatchObject({ held: true });
  });

  it("is less where something could not be seen, where the program alone tells, and where nobody looks", () => {
    const gaps = [{ what: "a loss", reason: "It was compiled.", step: 3 }];
    expect(evidence(asRequested, { gaps }).coverage.level).toBe("partial");
    const told = asRequested.map((look): Observation => ({ ...look, observer: "program" }));
    expect(evidence(told)).toMatchObject({ coverage: { level: "reported" }, arm: { held: null } });
    expect(evidence([...told, ...looks("my.flag", [[0, 1]])]).coverage.level).toBe("partial");
    for (const name of ["wandb.config.lr", "lightning.hparams.lr"]) {
      const logged = looks(name, [[null, 0.1]], { observer: "program" });
      expect(evidence([...asRequested, ...logged]).coverage.level).toBe("complete");
    }
    expect(evidence([])).toMatchObject({ coverage: { level: "none", firstStep: null }, arm: { held: null } });
  });

  it("needs no looks at what Reprise's own trainer does", () => {
    expect(evidenceOf(deterministic, [])).toMatchObject({
      arm: { held: true },
      coverage: { level: "complete", looks: 0, sentence: expect.stringMatching(/^Reprise's own trainer/) },
    });
    const queued = { ...deterministic, status: "queued" as const, effectiveParams: null };
    expect(evidenceOf(queued, [])).toMatchObject({ arm: { held: null }, coverage: { level: "none" } });
  });

  it("tells processes of one run apart, each by the seed of its rank", () => {
    const ofRank = (rank: number, seed: number) => looks("torch.initial_seed", [[0, seed]], { rank });
    const own = deterministic.seed;
    expect(evidence([...asRequested, ...ofRank(1, own), ...ofRank(1, own + 1)])).toMatchObject({
      contradictions: [],
      coverage: { ranks: [0, 1] },
    });
    expect(evidence([...asRequested, ...ofRank(1, own + 5)]).contradictions).toMatchObject([
      { name: "torch.initial_seed", rank: 1, requested: own, observed: own + 5 },
    ]);
  });
});

describe("the digest of the final weights", () => {
  const { digest } = deterministic;
  const source = (...observations: Observation[]) => digestSource(seen(deterministic, observations));
  const own = (value: string | null, more: Partial<Observation> = {}) =>
    looks("digest.finalWeights", [[9, value]], more);

  it("is observed where Reprise's code computed this very one, and reported wherever the program sets its own", () => {
    expect(source(...asRequested, ...own(digest))).toBe("observed");
    expect(source(...asRequested)).toBe("reported");
    expect(source(...asRequested, ...own("0".repeat(64)))).toBe("reported");
    expect(source(...asRequested, ...own(digest, { observer: "program" }))).toBe("reported");
    expect(digestSource(deterministic)).toBe("trainer");
  });
});

describe("runs that did not run as requested", () => {
  const input = exampleInput();
  const runs = input.runs.map((run) =>
    run.arm === "det" && run.repeat === 1 ? seen(run, switchedOn, { digest: "another" }) : run,
  );

  it("are no evidence for their arm: the first sentence and the verdicts on arms are of the others", () => {
    const { headline, verdicts } = determinismAnalysis({ ...input, runs });
    expect(headline.sentence).toMatch(
      /^4 of 28 runs did not run as requested, and are not evidence for their arms\. /,
    );
    expect(headline.sentence).toContain("Deterministic executions were not repeated.");
    expect(verdicts.map(({ kind }) => kind)).not.toContain("not-identical");
  });

  it("are in no test of the arms", () => {
    const all = significanceAnalysis({ ...input, runs });
    const others = significanceAnalysis({
      ...input,
      runs: runs.filter(({ departures }) => departures === 0),
    });
    expect(all.rows).toEqual(others.rows);
    expect(all.notes).toContain(
      "4 of 28 runs did not run as requested: they are not evidence for the arm that was requested, and are left out here.",
    );
  });
});
