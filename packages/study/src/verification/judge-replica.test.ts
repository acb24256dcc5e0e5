import { type LadderRung, type RungKind, type SweepSpecInput, sweepSpec } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { expandSweep } from "../design/expand-sweep.js";
import { endedRun } from "../test-support/runs-fixture.js";
import type { ReplicaComparison } from "./comparison.js";
import { judgeReplica } from "./judge-replica.js";

const specWith = (analysisPlan?: SweepSpecInput["analysisPlan"]) =>
  sweepSpec.parse({
    name: "verified",
    dataset: "wdbc",
    base: { learningRate: 0.1, epochs: 2 },
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 6 } },
    ...(analysisPlan ? { analysisPlan } : {}),
  });

const rung = (
  kind: RungKind,
  position: number,
  digest = `${kind}${position}`.padEnd(64, "0"),
): LadderRung => ({
  kind,
  position,
  digest,
  algorithm: "sha256",
});
/** Two epochs of three steps each, as a trainer records them. */
const ladder: LadderRung[] = [
  rung("configuration", 0),
  rung("environment", 0),
  rung("dataset", 0),
  rung("dataOrder", 1),
  rung("dataOrder", 2),
  rung("initialWeights", 0),
  ...[0, 1, 2, 3, 4, 5].map((step) => rung("step", step)),
  rung("epoch", 1),
  rung("epoch", 2),
  rung("finalWeights", 0),
  rung("predictions", 2),
];
const places = ladder.map(({ kind, position }): [RungKind, number] => [kind, position]);
/** The ladder with another digest at these places. */
const altered = (...at: Array<[RungKind, number]>) =>
  ladder.map((rung) =>
    at.some(([kind, position]) => kind === rung.kind && position === rung.position)
      ? { ...rung, digest: "f".repeat(64) }
      : rung,
  );

/** A free run and its replica; the metric of repeat n is `accuracies[n]`. */
function pair(
  changes: Partial<Omit<ReplicaComparison, "source" | "replica">> & {
    replicaRungs?: readonly LadderRung[];
    sourceRungs?: readonly LadderRung[];
    replicaAccuracy?: number;
    accuracies?: number[];
    replicaRun?: Parameters<typeof endedRun>[1]["changes"];
    environments?: [ReplicaComparison["source"]["environment"], ReplicaComparison["source"]["environment"]];
    analysisPlan?: SweepSpecInput["analysisPlan"];
    arm?: "det" | "free";
  } = {},
): ReplicaComparison {
  const { accuracies = [0.9, 0.91, 0.92, 0.93, 0.94, 0.95], arm = "free" } = changes;
  const spec = specWith(changes.analysisPlan);
  const runs = expandSweep(spec)
    .filter((planned) => planned.arm === arm)
    .toSorted((a, b) => a.repeat - b.repeat)
    .slice(0, accuracies.length)
    .map((planned, at) => endedRun(planned, { metrics: { testAccuracy: accuracies[at] ?? 0 } }));
  const [source] = runs;
  if (!source) throw new Error("the plan has no run");
  const replica = endedRun(
    { ...source, position: 500 },
    {
      metrics: { testAccuracy: changes.replicaAccuracy ?? 0.9 },
      changes: { purpose: "verification", sourceRunId: source.id, ...changes.replicaRun },
    },
  );
  const [left = {}, right = {}] = changes.environments ?? [];
  return {
    kind: "verify",
    source: { run: source, rungs: changes.sourceRungs ?? ladder, environment: left },
    replica: { run: replica, rungs: changes.replicaRungs ?? ladder, environment: right },
    plan: spec.analysisPlan ?? null,
    runs: changes.runs ?? runs,
    ...(changes.kind ? { kind: changes.kind } : {}),
  };
}

const planned = { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.02 } };
const unlocated = {
  lossDiffers: null,
  part: null,
  tensors: [],
  maxUlp: null,
  maxRelativeError: null,
  measured: null,
};

describe("a run and its replica", () => {
  it("are bit-identical when every rung is equal, whatever their environments", () => {
    const same = judgeReplica(pair());
    expect(same).toMatchObject({ verdict: "bit-identical", firstDivergence: null, suspects: [] });
    expect(same.explanation).toContain("All 14 digests");

    const elsewhere = pair({
      replicaRungs: altered(["environment", 0]),
      environments: [{ "cpu.model": "A" }, { "cpu.model": "B" }],
    });
    const judged = judgeReplica(elsewhere);
    expect(judged).toMatchObject({ verdict: "bit-identical", suspects: [] });
    expect(judged.explanation).toMatch(/environments differ in cpu\.model.*changed nothing/);
  });

  it.each(places.filter(([kind]) => !["configuration", "environment", "dataset"].includes(kind)))(
    "part at %s %i when that is the lowest rung that differs",
    (kind, position) => {
      const index = places.findIndex(([k, p]) => k === kind && p === position);
      const judged = judgeReplica(pair({ replicaRungs: altered(...places.slice(index)) }));
      expect(judged).toMatchObject({
        verdict: "different",
        firstDivergence: { kind, position, ...unlocated },
      });
    },
  );

  it("are found to part at the same place in whatever order the rungs come", () => {
    const at: [RungKind, number][] = [
      ["step", 4],
      ["step", 5],
      ["epoch", 2],
    ];
    const judged = judgeReplica(pair({ replicaRungs: altered(...at).toReversed() }));
    expect(judged.firstDivergence).toMatchObject({ kind: "step", position: 4, epoch: 2, ...unlocated });
  });

  it("are incomparable with another configuration, data set, backend or trainer", () => {
    const configuration = judgeReplica(
      pair({
        replicaRungs: altered(["configuration", 0], ["step", 0]),
        replicaRun: { effectiveParams: { learningRate: 0.2, epochs: 2 } },
      }),
    );
    expect(configuration).toMatchObject({ verdict: "incomparable", firstDivergence: null });
    expect(configuration.explanation).toContain("differ in learningRate");

    const data = judgeReplica(pair({ replicaRungs: altered(["dataset", 0], ["step", 0]) }));
    expect(data).toMatchObject({
      verdict: "incomparable",
      firstDivergence: { kind: "dataset", position: 0 },
    });

    for (const replicaRun of [{ backendUsed: "cpu" }, { dataset: "digits" }, { trainer: "other" }])
      expect(judgeReplica(pair({ replicaRun })).verdict).toBe("incomparable");
  });

  it("are never compared by ladders that do not reach the result", () => {
    const rungs = ladder.filter(({ kind }) => kind === "initialWeights");
    const blind = judgeReplica(pair({ sourceRungs: rungs, replicaRungs: rungs }));
    expect(blind.verdict).toBe("incomparable");
    const apart = judgeReplica(
      pair({ sourceRungs: [], replicaRungs: [], replicaAccuracy: 0.5, analysisPlan: planned }),
    );
    expect(apart).toMatchObject({ verdict: "different", firstDivergence: null });
    // The digest told at the end counts as the last rung.
    const comparison = pair({ sourceRungs: [], replicaRungs: [], replicaRun: { digest: "ab".repeat(32) } });
    const source = { ...comparison.source, run: { ...comparison.source.run, digest: "ab".repeat(32) } };
    expect(judgeReplica({ ...comparison, source }).verdict).toBe("bit-identical");
  });

  it("compares digests of steps as far as both were stored", () => {
    const cut = ladder.map((rung) =>
      rung.kind === "step" ? { ...rung, digest: rung.digest.slice(0, 32) } : rung,
    );
    expect(judgeReplica(pair({ replicaRungs: cut })).verdict).toBe("bit-identical");
  });

  it("neither part nor are equal at digests of two algorithms, and the sentence says why", () => {
    const onDevice = ladder.map((rung) =>
      rung.kind === "step" ? { ...rung, digest: "d".repeat(32), algorithm: "rows32" } : rung,
    );
    const equal = judgeReplica(pair({ replicaRungs: onDevice }));
    expect(equal).toMatchObject({ verdict: "bit-identical", firstDivergence: null });
    expect(equal.explanation).toContain("All 8 digests");
    expect(equal.explanation).toContain(
      "6 digests could not be compared: those of one run are by SHA-256, those of the other by rows32",
    );
    const other = onDevice.map((rung) =>
      rung.kind === "epoch" ? { ...rung, digest: "f".repeat(64) } : rung,
    );
    expect(judgeReplica(pair({ replicaRungs: other }))).toMatchObject({
      verdict: "different",
      firstDivergence: { kind: "epoch", position: 1 },
    });
    // Only such digests: nothing is shown.
    const steps = (rungs: typeof ladder) => rungs.filter(({ kind }) => kind === "step");
    const nothing = judgeReplica(pair({ sourceRungs: steps(ladder), replicaRungs: steps(onDevice) }));
    expect(nothing.verdict).not.toBe("bit-identical");
    expect(nothing.firstDivergence).toBeNull();
    expect(nothing.explanation).toContain("6 digests could not be compared");
  });

  it("names the rungs that one side lacks, and compares the others", () => {
    const judged = judgeReplica(pair({ replicaRungs: ladder.filter(({ kind }) => kind !== "step") }));
    expect(judged.verdict).toBe("bit-identical");
    expect(judged.explanation).toContain("6 further digests");
  });
});

describe("where bits differ", () => {
  const replicaRungs = altered(["step", 3], ["finalWeights", 0]);

  it("the margin of the plan decides, its bound included", () => {
    const within = judgeReplica(pair({ replicaRungs, replicaAccuracy: 0.92, analysisPlan: planned }));
    expect(within).toMatchObject({
      verdict: "within-tolerance",
      firstDivergence: { kind: "step", position: 3 },
    });
    expect(within.explanation).toContain("within the margin of 2 pp");
    const beyond = judgeReplica(pair({ replicaRungs, replicaAccuracy: 0.93, analysisPlan: planned }));
    expect(beyond.verdict).toBe("different");
    expect(beyond.explanation).toContain("beyond the margin of 2 pp");
  });

  it("no margin means different, even with equal metrics", () => {
    const judged = judgeReplica(pair({ replicaRungs, analysisPlan: { primaryMetric: "testAccuracy" } }));
    expect(judged.verdict).toBe("different");
    expect(judged.explanation).toMatch(/90\.00 % in both; the analysis plan fixes no margin/);
  });

  it("the spread is told from five repeats on, of this very run only", () => {
    const analysisPlan = { primaryMetric: "testAccuracy" };
    const five = judgeReplica(pair({ replicaRungs, analysisPlan, replicaAccuracy: 0.8 }));
    expect(five.explanation).toMatch(
      /The 6 repeats of this run spread from 90\.0 % to 95\.0 % \(standard deviation 1\.9 pp\)/,
    );
    const four = judgeReplica(
      pair({ replicaRungs, analysisPlan, replicaAccuracy: 0.8, accuracies: [0.9, 0.91, 0.92, 0.93] }),
    );
    expect(four.explanation).toMatch(/Spread unknown: 4 repeats .* cannot show a statistical difference/);
    const seeds = pair({ replicaRungs, analysisPlan, replicaAccuracy: 0.8 });
    const others = seeds.runs.map((run, at) => (at === 0 ? run : { ...run, seed: at }));
    expect(judgeReplica({ ...seeds, runs: others }).explanation).toContain("Spread unknown: 1 repeat ");
  });

  it("not-a-number is equal to itself and within no margin of anything else", () => {
    const accuracies = [Number.NaN];
    const both = pair({ replicaRungs, accuracies, replicaAccuracy: Number.NaN, analysisPlan: planned });
    expect(judgeReplica(both).verdict).toBe("within-tolerance");
    const one = pair({ replicaRungs, accuracies, replicaAccuracy: 0.9, analysisPlan: planned });
    expect(judgeReplica(one).verdict).toBe("different");
  });

  it("environment differences are suspects, most likely cause first", () => {
    const judged = judgeReplica(
      pair({
        replicaRungs,
        environments: [
          {
            "os.kernel": "6.1",
            "cpu.model": "A",
            "code.commit": "1",
            tfjsCore: "4.22.0",
            same: 1,
            gone: true,
          },
          { "os.kernel": "6.2", "cpu.model": "B", "code.commit": "2", tfjsCore: "4.23.0", same: 1 },
        ],
      }),
    );
    expect(judged.suspects.map(({ key, likelihood }) => [key, likelihood])).toEqual([
      ["code.commit", "likely"],
      ["tfjsCore", "likely"],
      ["cpu.model", "possible"],
      ["gone", "possible"],
      ["os.kernel", "unlikely"],
    ]);
    expect(judged.suspects.at(3)).toMatchObject({ source: true, replica: null });
    expect(judged.explanation).toContain(
      "The environments differ in code.commit, tfjsCore, cpu.model and 2 others.",
    );
  });

  it("the forced order of a replay is no suspect", () => {
    const environments: ReturnType<typeof pair>["source"]["environment"][] = [
      { summationOrder: "free" },
      { summationOrder: "replay" },
    ];
    const [a = {}, b = {}] = environments;
    const judged = judgeReplica(pair({ kind: "replay", replicaRungs, environments: [a, b] }));
    expect(judged.suspects).toEqual([]);
    expect(judged.explanation).toContain(
      "A replay of the recorded summation order should repeat to the bit.",
    );
    expect(judgeReplica(pair({ replicaRungs, environments: [a, b] })).suspects).toHaveLength(1);
    expect(judged.explanation).toContain("equal, except for the order of summation, which was prescribed");
    expect(judgeReplica(pair({ kind: "replay", environments: [a, b] })).explanation).toMatch(
      /So are the environments, except for the order of summation, which was prescribed\.$/,
    );
  });

  it("a deterministic run is told from a free one", () => {
    expect(judgeReplica(pair({ replicaRungs, arm: "det", accuracies: [0.9] })).explanation).toContain(
      "A deterministic run should repeat to the bit.",
    );
    expect(judgeReplica(pair({ replicaRungs })).explanation).toContain("Execution was left free");
  });
});

describe("a run that diverged, trained again", () => {
  const diverged = { key: "trainLoss", step: 3 };
  /** Source and replica as if their loss had been NaN, each where said. */
  const pairGone = (source: boolean, replica: boolean, changes: Parameters<typeof pair>[0] = {}) => {
    const compared = pair(changes);
    const mark = (side: ReplicaComparison["source"], is: boolean) =>
      is ? { ...side, run: { ...side.run, diverged } } : side;
    return { ...compared, source: mark(compared.source, source), replica: mark(compared.replica, replica) };
  };

  it("is said to have diverged twice before its weights are said to be equal", () => {
    const { verdict, explanation } = judgeReplica(pairGone(true, true));
    expect(verdict).toBe("bit-identical");
    expect(explanation).toMatch(
      /^Both runs diverged: train loss is not finite from step 3\. All \d+ digests/,
    );
  });

  it("is within no tolerance, whatever its accuracy", () => {
    const changes = {
      replicaRungs: altered(["step", 4], ["finalWeights", 0]),
      analysisPlan: { primaryMetric: "testAccuracy", contrasts: ["mode"], margin: { testAccuracy: 0.5 } },
    } satisfies Parameters<typeof pair>[0];
    expect(judgeReplica(pairGone(false, false, changes)).verdict).toBe("within-tolerance");
    const { verdict, explanation } = judgeReplica(pairGone(false, true, changes));
    expect(verdict).toBe("different");
    expect(explanation).toMatch(
      /^The replica diverged \(train loss is not finite from step 3\), the first run did not\./,
    );
  });
});
