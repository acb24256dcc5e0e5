import { describe, expect, it } from "vitest";
import type { Observation } from "./observations.js";
import {
  type AskedOfRun,
  departureSentence,
  extendSettings,
  seenBy,
  settingsAmong,
  settingsOf,
  stretchesOf,
} from "./observed-settings.js";

const noise = {
  init: "fixed",
  dataOrder: "fixed",
  augmentation: "fixed",
  dropout: "fixed",
  split: "fixed",
} as const;
const varied = { ...noise, init: "varied" } as const;
const execution = { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false } as const;
const asked: AskedOfRun = { trainer: "torch", execution, seed: 42, noise, params: {} };

const benchmark = "torch.backends.cudnn.benchmark";
const looks = (name: string, ...values: [step: number | null, value: string | number | boolean | null][]) =>
  values.map(([step, value]): Observation => ({ step, name, value, observer: "reprise" }));

/** The one sentence about these looks; empty where nothing departs. */
const said = (observations: ReturnType<typeof looks>, of = asked) =>
  settingsOf(of, observations).map(departureSentence).filter(Boolean).join(" ");

describe("settings that were observed", () => {
  it("fit what was asked for, in the spelling of either library", () => {
    const fitting = [
      ...looks("torch.use_deterministic_algorithms", [0, true], [9, true]),
      ...looks(benchmark, [0, false]),
      ...looks("TF_DETERMINISTIC_OPS", [0, "1"]),
      ...looks("CUBLAS_WORKSPACE_CONFIG", [0, ":16:8"]),
      ...looks("PYTHONHASHSEED", [null, "42"]),
      ...looks("seed", [0, 42]),
    ];
    expect(said(fitting)).toBe("");
    expect(settingsOf(asked, fitting).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["algorithms", "autotune", "seed"]),
    );
  });

  it("contradict the arm from one look to the last that does", () => {
    const switched = looks(benchmark, [0, false], [3, true], [7, true], [9, false]);
    expect(said(switched)).toBe(
      "torch.backends.cudnn.benchmark was observed as true from step 3 to step 7; false was requested.",
    );
    expect(said(looks(benchmark, [1, true]))).toContain("observed as true at step 1; false was requested");
    const free = { ...asked, execution: { ...execution, algorithms: "default", autotune: true } as const };
    expect(said(looks("TF_DETERMINISTIC_OPS", [0, "1"]), free)).toContain("that it is not set was requested");
    expect(said(looks("TF_DETERMINISTIC_OPS", [0, null]), free)).toBe("");
  });

  it("are judged by the seed, unless sources vary or nobody here could set the variable", () => {
    expect(said(looks("seed", [0, 7]))).toContain("42 was requested");
    expect(said(looks("seed.numpy", [0, 1]), { ...asked, seed: 2 ** 32 + 1 })).toBe("");
    expect(said(looks("seed", [0, 7]), { ...asked, noise: varied })).toBe("");
    expect(said(looks("PYTHONHASHSEED", [0, null]))).toContain("not set");
    expect(said(looks("PYTHONHASHSEED", [0, null]), { ...asked, trainer: "external" })).toBe("");
  });

  it.each([
    { startsAhead: true, fitting: "0", other: "42" },
    { startsAhead: false, fitting: "42", other: "0" },
  ])("a seed of hashes is judged by what the worker set: %o", ({ startsAhead, fitting, other }) => {
    const of = { ...asked, startsAhead };
    expect(settingsOf(of, looks("PYTHONHASHSEED", [0, fitting]))).toMatchObject([
      { requested: fitting, departure: null },
    ]);
    expect(said(looks("PYTHONHASHSEED", [0, other]), of)).toContain(`${fitting} was requested`);
  });

  it("may be unknown, and are judged for change alone; states of generators change by their nature", () => {
    expect(said(looks("my.flag", [0, "a"], [4, "b"], [6, "b"]))).toBe(
      "my.flag was observed to change from a to b at step 4.",
    );
    expect(said(looks("rng.torch", [0, "aa"], [1, "bb"]))).toBe("");
    expect(said(looks("constructor", [0, 1]))).toBe("");
  });

  it("are reported, not observed, once one look is the program's own", () => {
    const seen = looks(benchmark, [0, false], [4, true]);
    const told = seen.map((look, index) => (index === 0 ? { ...look, observer: "program" as const } : look));
    expect(said(told)).toBe(
      "torch.backends.cudnn.benchmark was reported as true at step 4; false was requested.",
    );
    expect(settingsOf(asked, told).map((setting) => seenBy([setting]))).toEqual(["reported"]);
    expect(seenBy(settingsOf(asked, seen))).toBe("observed");
  });

  it("may be many seeds where a program makes generators of its own", () => {
    expect(said(looks("seed.numpy.default_rng", [0, 1], [0, 2]))).toBe("");
    expect(said(looks("my.flag", [0, 1], [0, 2]))).toContain("to change from 1 to 2");
  });

  it("are no seed where a generator takes its own from the system", () => {
    const unseeded = looks("seed.python.generator", [0, 3], [4, "from the system"]);
    expect(said(unseeded)).toBe(
      "seed.python.generator was observed as from the system at step 4; a seed was requested.",
    );
    expect(said(unseeded, { ...asked, noise: varied })).toBe("");
  });

  it("may be chosen by the program before its first step where no arm asks for them, and not after", () => {
    expect(said(looks("torch.num_threads", [0, 2], [1, 1], [9, 1]))).toBe("");
    expect(said(looks("torch.num_threads", [0, 2], [3, 1]))).toContain("to change from 2 to 1 at step 3");
    expect(said(looks("torch.backends.cudnn.enabled", [0, true], [3, false]))).toBe("");
  });

  it("are TF32 by whichever name it is switched on", () => {
    const name = "torch.backends.cuda.matmul.fp32_precision";
    expect(said(looks(name, [0, "ieee"], [2, "tf32"]))).toContain(
      "observed as tf32 at step 2; ieee was requested",
    );
  });

  it.each(["cudnn.conv", "cudnn.rnn", "mkldnn.matmul", "mkldnn.conv", "mkldnn.rnn"])(
    "are TF32 in %s likewise",
    (operation) => {
      const tf32 = looks(`torch.backends.${operation}.fp32_precision`, [0, "none"], [2, "tf32"]);
      expect(settingsOf(asked, tf32)).toMatchObject([
        { subject: "tf32", departure: { kind: "contradicts", fromStep: 2 } },
      ]);
      expect(said(tf32, { ...asked, execution: { ...execution, tf32: true } })).toContain("to change from");
    },
  );

  it("of an optimizer depart where the line stands that made it, whatever a schedule makes of them later", () => {
    const made = (name: string, value: number | null, later: number) => [
      { ...looks(name, [1, value])[0], where: "train.py:17" } as Observation,
      ...looks(name, [2, later]),
    ];
    const of = { ...asked, params: { lr: 0.2, momentum: 0.9 } };
    expect(said(made("optimizer.lr", 0.1, 0.05), of)).toBe(
      "optimizer.lr was observed as 0.1 from step 1 to step 2, set in train.py:17; 0.2 was requested (lr).",
    );
    expect(said(made("optimizer.momentum", null, 0), of)).toContain(
      "observed as not set from step 1 to step 2, in train.py:17; 0.9 was requested (momentum).",
    );
  });

  it("are deterministic algorithms only where what has no such form is refused", () => {
    const warned = looks("torch.use_deterministic_algorithms.warn_only", [0, false], [1, true]);
    expect(said(warned)).toContain("observed as true at step 1; false was requested");
    const free = { ...asked, execution: { ...execution, algorithms: "default" } as const };
    expect(said(looks("torch.use_deterministic_algorithms.warn_only", [0, true]), free)).toBe("");
  });

  it("are looked for wherever a program reports values of itself", () => {
    const values = { seed: 7, [benchmark]: true, "torch.version": "2.9.0", hiddenUnits: [64] };
    expect(settingsAmong(values)).toEqual([
      { step: null, name: "seed", value: 7, observer: "program" },
      { step: null, name: benchmark, value: true, observer: "program" },
    ]);
  });

  it("are ordered by step, not by arrival, and summed up piece by piece as at once", () => {
    const all = [
      ...looks(benchmark, [null, false], [0, false], [2, true], [2, true], [5, true]),
      ...looks("my.flag", [0, 1], [1, 2], [2, 2], [5, 3]),
    ];
    const whole = settingsOf(asked, all);
    expect(settingsOf(asked, all.toReversed())).toMatchObject(
      whole.map(({ name, count, departure }) => ({ name, count, departure })),
    );
    for (let cut = 0; cut <= 5; cut++) {
      const early = all.filter(({ step }) => (step ?? -1) < cut);
      const late = all.filter(({ step }) => (step ?? -1) >= cut);
      expect(extendSettings(asked, settingsOf(asked, early), late)).toEqual(whole);
    }
    expect(extendSettings(asked, whole, looks(benchmark, [1, false]))).toBeNull();
    expect(
      stretchesOf(all).map(({ value, fromStep, toStep, count }) => [value, fromStep, toStep, count]),
    ).toEqual([
      [1, 0, 0, 1],
      [2, 1, 2, 2],
      [3, 5, 5, 1],
      [false, null, 0, 2],
      [true, 2, 5, 3],
    ]);
  });
});
