import { describe, expect, it } from "vitest";
import { compareLadders, differences, environmentDifferences } from "./run-diff.js";

describe("differences between two runs", () => {
  it("lists values that differ and fields that one side lacks, and nothing else", () => {
    const a = { rate: 0.1, units: [64, 64], only: null, same: "x" };
    const b = { rate: 0.2, units: [64, 64], same: "x", other: 1 };
    expect(differences<unknown>(a, b)).toEqual([
      { key: "only", a: null, b: null, missing: "b" },
      { key: "other", a: null, b: 1, missing: "a" },
      { key: "rate", a: 0.1, b: 0.2, missing: null },
    ]);
  });

  it("puts what is most likely to change results first among differences of the environment", () => {
    const a = {
      "memory.gib": 8,
      "cpu.simd": "avx2",
      "os.kernel": "6.1",
      tfjsCore: "4.22.0",
      "code.dirty": false,
    };
    const b = {
      "memory.gib": 16,
      "cpu.simd": "avx512f",
      "os.kernel": "6.2",
      tfjsCore: "4.23.0",
      "code.dirty": "ab",
    };
    const found = environmentDifferences(a, b);
    expect(found.map(({ key }) => key)).toEqual([
      "code.dirty",
      "tfjsCore",
      "cpu.simd",
      "memory.gib",
      "os.kernel",
    ]);
    expect(found.map(({ likelihood }) => likelihood)).toEqual([
      ...["likely", "likely", "possible"],
      ...["unlikely", "unlikely"],
    ]);
  });

  it("finds the first rung at which both ladders differ, in ladder order", () => {
    const rung = (kind: "initialWeights" | "epoch" | "finalWeights", position: number, digest: string) => ({
      kind,
      position,
      digest,
      algorithm: "sha256",
    });
    const a = [
      rung("finalWeights", 0, "f1"),
      rung("initialWeights", 0, "w"),
      rung("epoch", 1, "e1"),
      rung("epoch", 2, "e2"),
    ];
    const b = [rung("initialWeights", 0, "w"), rung("epoch", 2, "x2"), rung("finalWeights", 0, "f2")];
    const ladder = compareLadders(a, b);
    expect(ladder).toMatchObject({ matched: 1, differing: 3 });
    expect(ladder.firstDivergence).toMatchObject({ kind: "epoch", position: 2, a: "e2", b: "x2" });
    expect(ladder.differences[0]).toEqual({ kind: "epoch", position: 1, a: "e1", b: null, comparable: true });
  });

  it("names what differs first of what both computed, and its tensors, in words", () => {
    const rung = (kind: "environment" | "step", position: number, digest: string) => ({
      kind,
      position,
      digest,
      algorithm: "sha256",
    });
    const at = (weights: string) => [
      {
        kind: "step" as const,
        part: "weights" as const,
        names: ["a", "b"],
        positions: [4],
        digests: [weights],
        algorithm: "sha256",
      },
    ];
    const evidence = { source: at("00000000aaaaaaaa"), replica: at("00000000bbbbbbbb"), weights: null };
    const { parting } = compareLadders(
      [rung("environment", 0, "e1"), rung("step", 2, "s"), rung("step", 4, "s1")],
      [rung("environment", 0, "e2"), rung("step", 2, "s"), rung("step", 4, "s2")],
      evidence,
    );
    expect(parting).toMatchObject({ kind: "step", position: 4, part: "weights", tensors: ["b"] });
    expect(parting?.sentence).toBe("The runs part at step 4: they differ first in the weights of b.");
  });

  it("calls digests of two algorithms neither equal nor different, and says why", () => {
    const step = (position: number, digest: string, algorithm: string) => ({
      kind: "step" as const,
      position,
      digest,
      algorithm,
    });
    const a = [step(1, "s1", "sha256"), step(2, "s2", "sha256")];
    const ladder = compareLadders(a, [step(1, "r1", "rows32"), step(2, "x2", "sha256")]);
    expect(ladder).toMatchObject({ matched: 0, differing: 1, incomparable: { rungs: 1 } });
    expect(ladder.incomparable?.because).toBe(
      "those of one run are by SHA-256, those of the other by rows32, and equal bits have unequal digests by two algorithms",
    );
    expect(ladder.firstDivergence).toMatchObject({ position: 2 });
    expect(ladder.parting).toMatchObject({ kind: "step", position: 2 });
    expect(ladder.differences[0]).toEqual({ kind: "step", position: 1, a: "s1", b: "r1", comparable: false });
    // Not even two that nobody recorded the algorithm of.
    const unrecorded = [step(1, "u", "unrecorded")];
    expect(compareLadders(unrecorded, unrecorded)).toMatchObject({ matched: 0, incomparable: { rungs: 1 } });
  });

  it("says nothing about equal ladders", () => {
    const rungs = [{ kind: "epoch" as const, position: 1, digest: "d", algorithm: "sha256" }];
    expect(compareLadders(rungs, rungs)).toEqual({
      matched: 1,
      differing: 0,
      incomparable: null,
      firstDivergence: null,
      parting: null,
      differences: [],
    });
  });
});
