import {
  calibrationAnalysis as calibrationSchema,
  decisionCurveAnalysis as decisionSchema,
  instabilityAnalysis as instabilitySchema,
  readersAnalysis as readersSchema,
  rocAnalysis as rocSchema,
  subgroupsAnalysis as subgroupsSchema,
} from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { patientsInput } from "../../test-support/patients-study.js";
import { agreementAnalysis } from "./agreement.js";
import { calibrationAnalysis } from "./calibration.js";
import { decisionCurveAnalysis } from "./decision-curve.js";
import { instabilityAnalysis } from "./instability.js";
import { readersAnalysis } from "./readers.js";
import { rocAnalysis } from "./roc.js";
import { subgroupsAnalysis } from "./subgroups.js";

const known = patientsInput();
const unknown = patientsInput({ told: false });
const width = ({ low, high }: { low: unknown; high: unknown }) => Number(high) - Number(low);

describe("calibration", () => {
  const { rows, table, verdicts } = calibrationSchema.parse(calibrationAnalysis(known));

  it("has a row over seeds, and one per seed with repeats, for each configuration and arm", () => {
    expect(rows.map(({ scope }) => [scope.configurationLabel, scope.arm, scope.seed, scope.runs])).toEqual(
      ["adam", "sgd"].flatMap((name) => [
        [name, "det", null, 3],
        [name, "free", null, 3],
        ...[0, 1, 2].map((seed) => [name, "free", seed, 2]),
      ]),
    );
    expect(table.rows).toHaveLength(rows.length);
  });

  it("gives every run its slope with an interval over patients, which is wider than that over cases", () => {
    const [first] = rows;
    const [alone] = calibrationAnalysis(unknown).rows;
    expect(first?.scope).toMatchObject({ grouping: "patient", clusters: 60 });
    expect(alone?.scope).toMatchObject({ grouping: null, clusters: null });
    const [own, other] = [first?.runs[0]?.slopeInterval, alone?.runs[0]?.slopeInterval];
    if (!own || !other) throw new Error("no interval");
    expect(width(own)).toBeGreaterThan(width(other));
    expect(first?.runs[0]?.slope).toBe(alone?.runs[0]?.slope);
  });

  it("draws a band that holds its mean, and says what the slopes say together", () => {
    const { mean, min, max } = rows[0]?.curve ?? { mean: [], min: [], max: [] };
    const inside = mean.filter(
      (value, at) => value !== null && Number(min[at]) <= Number(value) && Number(value) <= Number(max[at]),
    );
    expect(inside.length).toBeGreaterThan(25);
    expect(inside.length).toBe(mean.filter((value) => value !== null).length);
    expect(verdicts[0]?.sentence).toMatch(
      /^adam, det, over seeds: calibration slope \d\.\d\d to \d\.\d\d over 3 runs; /,
    );
  });
});

describe("decision curves", () => {
  it("give predictive values only at a stated prevalence, and say how to state it", () => {
    const bare = decisionSchema.parse(decisionCurveAnalysis(known));
    expect(bare.rows[0]?.predictive).toBeNull();
    expect(bare.notes.join(" ")).toContain("analysisPlan.prevalence");
    const stated = decisionSchema.parse(decisionCurveAnalysis({ ...known, prevalence: 0.02 }));
    const { ppv, npv } = stated.rows[0]?.predictive ?? {};
    expect(stated.prevalence).toEqual({ value: 0.02, planned: false });
    expect(stated.notes.join(" ")).toContain("given with this request");
    expect(Number(ppv?.low)).toBeLessThan(Number(ppv?.mean));
    expect(Number(ppv?.mean)).toBeLessThan(0.25);
    expect(Number(npv?.mean)).toBeGreaterThan(0.98);
  });

  it("say at no threshold does what no threshold shows", () => {
    const reversed = [...(known.predictions ?? [])].map(([id, { scores, ...rest }]) => {
      const turned = scores.map((row) => row.toReversed());
      return [id, { ...rest, scores: turned }] as const;
    });
    const sentencesOf = (arm: string) => {
      const runs = known.runs.filter((run) => run.arm === arm && run.seed === 0);
      return decisionCurveAnalysis({ ...known, runs, predictions: new Map(reversed) })
        .verdicts.map(({ sentence }) => sentence)
        .join(" ");
    };
    expect(sentencesOf("free")).toContain("at no threshold do both runs have a higher net benefit");
    expect(sentencesOf("det")).toContain("at no threshold does the run have a higher net benefit");
  });

  it("has treating all at the prevalence for the lowest threshold, and nothing for treating none", () => {
    const [row] = decisionCurveAnalysis(known).rows;
    const prevalence = Number(row?.prevalence);
    expect(row?.treatAll[0]).toBeCloseTo(prevalence - (1 - prevalence) / 99, 12);
    expect(row?.useful?.from).toBeLessThan(0.5);
  });
});

describe("subgroups", () => {
  const { rows, verdicts } = subgroupsSchema.parse(subgroupsAnalysis(known));

  it("stand under all cases, with counts that add up", () => {
    const [whole, north, south] = rows;
    expect([whole?.value, north?.value, south?.value]).toEqual([null, "north", "south"]);
    expect(Number(north?.cases) + Number(south?.cases)).toBe(whole?.cases);
    expect(Number(north?.clusters) + Number(south?.clusters)).toBe(60);
    expect(whole?.accuracy.sdRatio).toBe(1);
    const mean = (row: typeof whole) => Number(row?.accuracy.mean) * Number(row?.cases);
    expect(mean(north) + mean(south)).toBeCloseTo(mean(whole), 8);
  });

  it("are told in a sentence, and their absence with the way out", () => {
    expect(verdicts[0]?.sentence).toContain("test accuracy by site: north ");
    const none = subgroupsAnalysis(unknown);
    expect(none.rows).toEqual([]);
    expect(none.notes.join(" ")).toContain("declares them as columns");
  });
});

describe("instability", () => {
  const { rows } = instabilitySchema.parse(instabilityAnalysis(known));

  it("splits the variance of accuracy; parts add up", () => {
    for (const { accuracy } of rows) {
      const observed = Number(accuracy.observedSd) ** 2;
      expect(Number(accuracy.testSetSd) ** 2 + Number(accuracy.modelVariance)).toBeCloseTo(observed, 12);
      expect(Number(accuracy.modelSdInterval.low)).toBeLessThanOrEqual(Number(accuracy.modelSd ?? 0));
    }
  });

  it("lists the most unstable cases first, and counts those that flip", () => {
    const [row] = rows;
    const flips = row?.cases.filter(({ classification }) => Number(classification) > 0) ?? [];
    expect(flips.length).toBe(row?.unstableCases);
    expect(row?.cases.slice(0, flips.length)).toEqual(flips);
  });
});

describe("runs as readers", () => {
  const { rows, notes } = readersSchema.parse(readersAnalysis(known));

  it("compare arms of a configuration and configurations of an arm, paired on seeds", () => {
    expect(rows.map(({ contrast, metric }) => `${contrast} ${metric}`).slice(0, 3)).toEqual([
      "mode auc",
      "mode sensitivity",
      "mode specificity",
    ]);
    expect(new Set(rows.map(({ reader, design, readers }) => `${reader} ${design} ${readers}`))).toEqual(
      new Set(["seed factorial 3"]),
    );
    expect(rows.filter(({ contrast }) => contrast === "configuration")).toHaveLength(6);
    expect(notes.join(" ")).toContain("Covariances count patients");
  });

  it("give the one-shot interval where cases are independent", () => {
    const det = readersAnalysis(unknown).rows.find(
      ({ contrast, metric, a }) => contrast === "configuration" && metric === "auc" && a.arm === "det",
    );
    expect(det?.oneShot).not.toBeNull();
    expect(rows.every(({ oneShot }) => oneShot === null)).toBe(true);
  });
});

describe("patients", () => {
  it("are counted by areas under the curve and by McNemar's test", () => {
    const [roc] = rocSchema.parse(rocAnalysis(known)).groups;
    expect(roc?.grouping).toBe("patient");
    const [alone] = rocAnalysis(unknown).groups;
    const [own, other] = [roc?.runs[0]?.aucInterval, alone?.runs[0]?.aucInterval];
    if (!own || !other) throw new Error("no interval");
    expect(width(own)).toBeGreaterThan(width(other));
    const [agreement] = agreementAnalysis({ ...known, withMcnemar: true }).groups;
    expect(agreement).toMatchObject({ grouping: "patient" });
  });
});
