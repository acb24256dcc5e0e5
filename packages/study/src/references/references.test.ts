import { describe, expect, it } from "vitest";
import { classificationAnalysis } from "../analyses/cases/classification.js";
import { determinismAnalysis } from "../analyses/determinism/determinism.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { rowsOf } from "../audit/tables.js";
import { accuracyOf, exampleInput, exampleSpec } from "../test-support/example-study.js";
import { inputOf } from "../test-support/runs-fixture.js";
import { besideReference } from "./beside.js";
import { auditReference, getReference, listReferences, referenceSummaries } from "./load.js";
import { quantityOf, type ReportedEpoch } from "./quantities.js";

function reference(name: string) {
  const found = getReference(name);
  if (!found.ok) throw new Error(JSON.stringify(found.errors));
  return found.value;
}

const cuda = reference("cuda-randomness");
const lastEpoch = { selection: { epoch: "last" as const } };
const lowestLoss = {
  selection: { epoch: "bestValidation" as const },
  objective: { metric: "validationLoss", direction: "minimize" as const },
};
/** The accuracies of the example under another name. */
const named = (metric: string) =>
  inputOf(
    exampleSpec,
    (run) => ({
      metrics: { [metric]: accuracyOf(run) },
      digest: run.arm === "det" ? `det ${run.configurationKey} ${run.seed}` : run.key,
    }),
    { metric },
  );

describe("published studies", () => {
  it("are both there, with every row of every table", () => {
    const { items } = referenceSummaries(listReferences());
    expect(items.map(({ name }) => name)).toEqual(["clip-hyperparameters", "cuda-randomness"]);
    const rows = Object.fromEntries(
      items.flatMap(({ tables }) => tables.map((table) => [table.name, table.rows])),
    );
    expect(rows).toMatchObject({
      "Table I": 6,
      "Table II": 30,
      "Table III": 10,
      "Table IV": 10,
      "Table V": 6,
      "Appendix A-B, first table": 10,
      "Appendix A-B, second table": 10,
      "Tables 2–5": 23,
      "Tables 7–10": 23,
    });
  });

  it("keep published strings: trailing zeros are there", () => {
    const table = cuda.tables.find(({ name }) => name === "Table II");
    expect(table?.rows[1]).toEqual([
      "CIFAR-10",
      "Accuracy",
      "SGD0",
      "SGD",
      "0",
      "20",
      "94.80",
      "94.96",
      "-0.156",
      "0.52",
    ]);
  });

  it("say of every column whether its header is stated, inferred, or from the text", () => {
    const table = cuda.tables.find(({ name }) => name === "Table III");
    expect(table?.columns.map(({ key, known }) => `${key}: ${known}`)).toEqual([
      "dataset: text",
      "metric: text",
      "optimizer: stated",
      "seed: stated",
      "n: text",
      "mean: inferred",
      "deterministic: inferred",
      "deltaPercent: inferred",
      "sdAuc: inferred",
      "sdF1: inferred",
    ]);
  });

  it("name columns and tables that exist in all their claims, and have findings", () => {
    for (const study of listReferences()) {
      const { rules, findings } = auditReference(study);
      const claims = study.claims.filter(({ kind }) => !["meaning", "equivalent"].includes(kind));
      expect(rules.find(({ rule }) => rule === "claim")?.checks).toBeGreaterThanOrEqual(claims.length);
      expect(findings.length).toBeGreaterThan(10);
    }
  });

  it("are asked for by name, with the nearest one for a wrong name", () => {
    const wrong = getReference("cuda-randomnes");
    expect(wrong).toMatchObject({ ok: false, errors: [{ suggestion: 'Did you mean "cuda-randomness"?' }] });
  });
});

describe("a measured table beside a published one", () => {
  it("matches by optimizer and seed, in the published unit", () => {
    const beside = besideReference(cuda, determinismAnalysis(named("bestTestAccuracy")), {
      dataset: "CIFAR-10",
      reported: lastEpoch,
    });
    const row = beside.rows.find(
      ({ table, row, quantity }) =>
        table === "Table II" && row === "CIFAR-10, Accuracy, ADAM0" && quantity === "Deterministic",
    );
    expect(row).toMatchObject({ seed: 0, arm: "free", published: "92.57", publishedValue: 92.57 });
    expect(row?.measured).toBeCloseTo(96, 10);
    expect(row?.difference).toBeCloseTo(3.43, 10);
    const spread = beside.rows.find(
      ({ row, quantity }) => row === "CIFAR-10, Accuracy, ADAM0" && quantity === "D",
    );
    expect(spread?.measured).toBeCloseTo(1.7, 10);
    expect(new Set(beside.rows.map(({ table }) => table))).toEqual(
      new Set(["Table II", "Appendix A-B, first table"]),
    );
    expect(beside.unmatchedMeasured).toEqual([]);
    expect(beside.unmatchedPublished).toContain("Table II, CIFAR-10, Accuracy, ADAM314");
  });

  it("lays the share of significant one-sample tests beside Table V", () => {
    const beside = besideReference(cuda, significanceAnalysis(named("bestTestAccuracy")), {
      dataset: "CIFAR-10",
      reported: lastEpoch,
    });
    const share = beside.rows.find(({ table, row }) => table === "Table V" && row === "CIFAR-10, ADAM");
    expect(share).toMatchObject({ published: "3/5", publishedValue: 0.6, seed: null });
    expect(share?.quantity).toMatch(/\(share; \d of 2 here\)$/);
  });

  it("says when nothing matches", () => {
    const beside = besideReference(
      reference("clip-hyperparameters"),
      classificationAnalysis(exampleInput()),
      {
        reported: lastEpoch,
      },
    );
    expect(beside.rows).toEqual([]);
    expect(beside.notes.at(-1)).toMatch(/^Nothing matches/);
    expect(beside.unmatchedMeasured.length).toBeGreaterThan(0);
  });

  it("takes runtime for runtime, and spreads of another metric for nothing", () => {
    const beside = besideReference(cuda, determinismAnalysis(exampleInput()), {
      dataset: "CBIS-DDSM",
      reported: lastEpoch,
    });
    expect(new Set(beside.rows.map(({ table, quantity }) => `${table}: ${quantity}`))).toEqual(
      new Set([
        "Table II: Deterministic",
        "Table II: Nondeterministic mean",
        "Table II: Delta %",
        "Table II: D",
        "Table III: Nondeterministic mean AUC",
        "Table III: Deterministic AUC",
        "Table III: Delta %",
        "Table III: SD of AUC",
      ]),
    );
  });

  it("does not compare a loss with published percentages", () => {
    const beside = besideReference(cuda, determinismAnalysis(exampleInput({ metric: "testLoss" })), {
      reported: lastEpoch,
    });
    expect(beside.rows).toEqual([]);
  });

  it("sets no number beside one of another quantity, and says what each of them is", () => {
    const of = (metric: string, dataset: string, reported: ReportedEpoch) =>
      besideReference(cuda, determinismAnalysis(named(metric)), { dataset, reported });
    const cifar = of("testAccuracy", "CIFAR-10", lastEpoch);
    expect(cifar.rows.length).toBeGreaterThan(10);
    expect(
      new Set(cifar.rows.map(({ measured, difference, reason }) => [measured, difference, reason].join("|"))),
    ).toEqual(
      new Set([
        "||Another quantity: published is the best test accuracy of any epoch, chosen on the test set; measured is test accuracy of the last epoch.",
      ]),
    );
    expect(cifar.notes).toContain(
      "Published: CIFAR-10, Accuracy: the best test accuracy of any epoch, chosen on the test set (by the authors' code).",
    );
    const sdnet = of("testF1", "SDNET2018", lowestLoss);
    expect(sdnet.rows.every(({ measured }) => measured === null)).toBe(true);
    expect(sdnet.rows[0]?.reason).toMatch(
      /^Another quantity: published is F1 weighted over both classes, .* measured is test F1/,
    );
    expect(of("testAuc", "CBIS-DDSM", lastEpoch).rows.every(({ measured }) => measured === null)).toBe(true);
    expect(of("testAuc", "CBIS-DDSM", lowestLoss).rows.every(({ measured }) => measured !== null)).toBe(true);
    expect(of("testAccuracy", "CBIS-DDSM", lowestLoss).rows.every(({ measured }) => measured === null)).toBe(
      true,
    );
  });

  it("counts no significant tests beside those over another quantity", () => {
    const beside = besideReference(cuda, significanceAnalysis(named("testAccuracy")), {
      dataset: "CIFAR-10",
      reported: lastEpoch,
    });
    const share = beside.rows.find(({ table }) => table === "Table V");
    expect(share).toMatchObject({ measured: null, difference: null, quantity: "Sig. configs (share)" });
  });

  it("knows of every printed performance what it is, or that nobody says so", () => {
    for (const study of listReferences()) {
      for (const table of study.tables) {
        for (const column of table.columns) {
          if (
            !["reference", "mean", "min", "max", "accuracy", "sensitivity", "specificity"].includes(
              column.role,
            )
          )
            continue;
          if (column.subject === "runtime") continue;
          for (const row of rowsOf(table))
            expect(quantityOf(study, row, column), `${table.name} ${column.key}`).not.toBeNull();
        }
      }
    }
  });
});
