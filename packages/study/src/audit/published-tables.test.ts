import type { AuditFinding, AuditRule, AuditTable, ReferenceStudy } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { getReference } from "../references/load.js";
import { auditTables } from "./audit-tables.js";

function reference(name: string): ReferenceStudy {
  const found = getReference(name);
  if (!found.ok) throw new Error(JSON.stringify(found.errors));
  return found.value;
}

const paper = { cuda: reference("cuda-randomness"), clip: reference("clip-hyperparameters") };

function findingsOf(study: ReferenceStudy, rule: AuditRule, table?: string): AuditFinding[] {
  const { findings } = auditTables(study.tables, study.claims);
  return findings.filter(
    (finding) => finding.rule === rule && (table === undefined || finding.table === table),
  );
}

const rowsIn = (findings: AuditFinding[]) => findings.map(({ row }) => row);

/** A copy in which one cell is different; the row is found by the text of its identity cells. */
function corrected(
  study: ReferenceStudy,
  name: string,
  identity: string[],
  column: string,
  text: string,
): ReferenceStudy {
  let changed = 0;
  const tables = study.tables.map((table): AuditTable => {
    if (table.name !== name) return table;
    const position = table.columns.findIndex(({ key }) => key === column);
    const rows = table.rows.map((row) => {
      if (position < 0 || !identity.every((cell) => row.includes(cell))) return row;
      changed += 1;
      return row.with(position, text);
    });
    return { ...table, rows };
  });
  if (changed !== 1) throw new Error(`${changed} cells changed instead of one`);
  return { ...study, tables };
}

describe("what the rules find in the tables on CUDA randomness", () => {
  it("recomputes relative differences under rounding", () => {
    expect(rowsIn(findingsOf(paper.cuda, "relative-change"))).toEqual([
      "CIFAR-10, Accuracy, SGD0",
      "CIFAR-10, Accuracy, ADAM3407",
      "SDNET2018, F1, SGD314",
    ]);
    const better = corrected(paper.cuda, "Table II", ["CIFAR-10", "SGD0"], "deltaPercent", "-0.168");
    expect(rowsIn(findingsOf(better, "relative-change"))).not.toContain("CIFAR-10, Accuracy, SGD0");
  });

  it("finds the two wrong signs, and none once they are turned", () => {
    expect(rowsIn(findingsOf(paper.cuda, "sign"))).toEqual([
      "CIFAR-10, Accuracy, SGD180698",
      "SDNET2018, F1, ADAM42",
    ]);
    const one = corrected(paper.cuda, "Table II", ["CIFAR-10", "SGD180698"], "deltaPercent", "-0.158");
    const both = corrected(one, "Table II", ["SDNET2018", "ADAM42"], "deltaPercent", "-0.066");
    expect(findingsOf(both, "sign")).toEqual([]);
  });

  it("sees that deterministic AUCs differ between Tables II and III in all ten rows, and that means do not", () => {
    const findings = findingsOf(paper.cuda, "cross-table", "Table III");
    expect(findings).toHaveLength(10);
    expect(new Set(findings.map(({ column }) => column))).toEqual(new Set(["Deterministic AUC"]));
    expect(findings[0]?.sentence).toBe(
      "Table III, ADAM, 0: Deterministic AUC is 0.7903 here and 79.26 in Table II, more than rounding explains.",
    );
    const better = corrected(paper.cuda, "Table III", ["ADAM", "0"], "deterministic", "0.7926");
    expect(findingsOf(better, "cross-table", "Table III")).toHaveLength(9);
  });

  it("tells numbers that were cut off from numbers that differ", () => {
    const appendix = findingsOf(paper.cuda, "cross-table", "Appendix A-B, first table");
    expect(appendix.filter(({ severity }) => severity === "note")).toHaveLength(5);
    expect(rowsIn(appendix.filter(({ severity }) => severity === "error"))).toEqual([
      "314, ADAM",
      "3407, ADAM",
    ]);
  });

  it("finds the column of standard deviations that is printed twice over rows in another order", () => {
    const [finding, ...more] = findingsOf(paper.cuda, "duplicated-column");
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ table: "Appendix A-B, second table", column: "SD", severity: "error" });
    expect(finding?.sentence).toContain("although the lines belong to other rows");
    const better = corrected(paper.cuda, "Appendix A-B, second table", ["3407", "ADAM"], "sd", "0.0012");
    expect(findingsOf(better, "duplicated-column")).toEqual([]);
  });

  it("finds standard deviations that no twenty values with the printed range can have", () => {
    expect(rowsIn(findingsOf(paper.cuda, "range-sd"))).toEqual([
      "314, ADAM",
      "314, SGD",
      "3407, ADAM",
      "3407, SGD",
      "42, SGD",
    ]);
    const better = corrected(paper.cuda, "Appendix A-B, first table", ["314", "ADAM"], "sd", "0.0045");
    expect(rowsIn(findingsOf(better, "range-sd"))).not.toContain("314, ADAM");
  });

  it("finds values of Table II outside the extremes of Table I, on SDNET only", () => {
    const found = findingsOf(paper.cuda, "containment").map(({ row, column }) => `${row}: ${column}`);
    expect(found.toSorted()).toEqual(
      [
        "SDNET2018, F1, ADAM0: Deterministic",
        "SDNET2018, F1, ADAM314: Deterministic",
        "SDNET2018, F1, ADAM314: Nondeterministic mean",
        "SDNET2018, F1, SGD314: Nondeterministic mean",
        "SDNET2018, F1, ADAM3407: Nondeterministic mean",
        "SDNET2018, F1, SGD3407: Deterministic",
        "SDNET2018, F1, ADAM42: Deterministic",
      ].toSorted(),
    );
    const wider = corrected(paper.cuda, "Table I", ["SDNET2018", "ADAM"], "min", "93.10");
    const widest = corrected(wider, "Table I", ["SDNET2018", "SGD"], "min", "91.40");
    expect(findingsOf(widest, "containment")).toEqual([]);
  });

  it("says which D is printed: the range, not the distance of which the text speaks", () => {
    const [finding, ...more] = findingsOf(paper.cuda, "meaning");
    expect(more).toEqual([]);
    expect(finding?.sentence).toMatch(
      /rule out in 11 of 30 rows.*As the range of the repeats .* 30 of 30 rows are possible\.$/,
    );
    const claims = paper.cuda.claims.map((claim) =>
      claim.kind === "meaning" ? { ...claim, meaning: "range" as const } : claim,
    );
    expect(findingsOf({ ...paper.cuda, claims }, "meaning")).toEqual([]);
  });

  it("holds the text against the rows: ADAM varies less, not more; hours and overhead are larger", () => {
    const claims = findingsOf(paper.cuda, "claim")
      .map(({ sentence }) => sentence)
      .join("\n");
    expect(claims).toMatch(
      /more pronounced with ADAM\. But in SD of AUC .* mean 0\.0068 over 5 against 0\.0123/,
    );
    expect(claims).toMatch(/at most 16 % more runtime\. But in Table IV, SGD, 3407 it is 19\.8 %/);
    expect(claims).toMatch(/about 900 hours\. But the rows .* add up to 1603 hours/);
    expect(claims).not.toContain("spread on CIFAR-10");
  });

  it("checks the summary of the tests: means over all rows, and how many tests can be significant", () => {
    const means = findingsOf(paper.cuda, "aggregate");
    expect(rowsIn(means.filter(({ column }) => column === "Avg (all)"))).toEqual([
      "CIFAR-10, SGD",
      "CIFAR-10, ADAM",
    ]);
    expect(findingsOf(paper.cuda, "significance-count")).toMatchObject([
      { row: "SDNET2018, SGD", printed: "3/5", follows: "5 of 5" },
    ]);
    const better = corrected(paper.cuda, "Table V", ["SDNET2018", "SGD"], "significant", "All");
    expect(findingsOf(better, "significance-count")).toEqual([]);
  });

  it("finds the mean over significant rows that no rows give, and none once it is one of them", () => {
    const some = (study: ReferenceStudy) =>
      findingsOf(study, "aggregate").filter(({ column }) => column === "Avg (sig.)");
    expect(some(paper.cuda)).toMatchObject([
      { row: "CIFAR-10, SGD", printed: "0.1465%", follows: "0.1570, the nearest mean of 2 of the 5 rows" },
    ]);
    const better = corrected(paper.cuda, "Table V", ["CIFAR-10", "SGD"], "meanSignificant", "0.1570%");
    expect(some(better)).toEqual([]);
    const wrong = corrected(paper.cuda, "Table V", ["SDNET2018", "ADAM"], "meanSignificant", "0.431%");
    expect(rowsIn(some(wrong))).toEqual(["CIFAR-10, SGD", "SDNET2018, ADAM"]);
  });

  it("finds two carbon intensities of one grid in Table VI, and one once the amounts fit", () => {
    expect(findingsOf(paper.cuda, "ratio").map(({ sentence }) => sentence)).toEqual([
      "Table VI (CO2e): CO2e per kWh is 0.3863 in All runs (141.69 / 366.744) and 0.3817 in Experiment runs (105.06 / 275.22), further apart than rounding explains. All energy came from one grid, with one carbon efficiency.",
    ]);
    const better = corrected(paper.cuda, "Table VI (CO2e)", ["CO2e"], "allRuns", "140.00");
    expect(findingsOf(better, "ratio")).toEqual([]);
  });

  it("holds the ends of ranges that the text gives against the rows", () => {
    const claims = findingsOf(paper.cuda, "claim");
    const says = (words: string) => claims.filter(({ sentence }) => sentence.includes(words));
    expect(says("the largest deviation is 1.68 %")).toMatchObject([
      { printed: "1.68", follows: "2.022 (CBIS-DDSM, AUC, ADAM314)", column: "Delta %" },
    ]);
    expect(says("enhance performance by up to 2 %")).toMatchObject([
      { printed: "2", follows: expect.stringMatching(/^1\.399/) },
    ]);
    expect(says("4.77 points")).toEqual([]);
    expect(says("by up to 2 % and increases")).toEqual([]);
    const better = corrected(paper.cuda, "Table II", ["CBIS-DDSM", "ADAM314"], "deltaPercent", "-1.322");
    expect(
      findingsOf(better, "claim")
        .map(({ sentence }) => sentence)
        .join(),
    ).not.toContain("deviation is 1.68");
  });

  it("finds the totals right, and a wrong one wrong", () => {
    expect(findingsOf(paper.cuda, "total")).toEqual([]);
    const worse = corrected(paper.cuda, "Table VI", ["SUM"], "allRuns", "366.74");
    expect(findingsOf(worse, "total")).toEqual([]);
    const wrong = corrected(paper.cuda, "Table VI", ["SUM"], "allRuns", "366.844");
    expect(findingsOf(wrong, "total")).toMatchObject([
      { row: "SUM", printed: "366.844", follows: "366.744" },
    ]);
  });
});

describe("what the rules find in the tables on CLIP hyperparameters", () => {
  it("finds R20: an accuracy against its own sensitivity and specificity, equal to that of R21", () => {
    expect(findingsOf(paper.clip, "accuracy")).toMatchObject([{ row: "R20", printed: "56.79" }]);
    const [copied] = findingsOf(paper.clip, "duplicated-value");
    expect(copied?.sentence).toBe(
      "Tables 7–10, R20: PatchCamelyon accuracy 56.79 equals that of R21, fits that row and not this one; it was probably copied.",
    );
    const better = corrected(paper.clip, "Tables 7–10", ["R20"], "pcam", "55.10");
    expect(findingsOf(better, "accuracy")).toEqual([]);
    expect(findingsOf(better, "duplicated-value")).toEqual([]);
  });

  it("finds that R3 and R4, equal by definition, have different results", () => {
    const findings = findingsOf(paper.clip, "equivalent-settings");
    expect(findings).toHaveLength(5);
    expect(findings[0]?.sentence).toMatch(
      /R3 and R4 compute the same .* differs by 40\.43 points: 75\.35 and 34\.92/,
    );
    const otherwise = corrected(paper.clip, "Tables 2–5", ["R4"], "gatherWithGrad", "×");
    expect(findingsOf(otherwise, "equivalent-settings")).toEqual([]);
  });

  it("flags scores below chance by more than the test set explains", () => {
    expect(rowsIn(findingsOf(paper.clip, "below-chance"))).toEqual(["R1", "R3", "R5", "R13"]);
    const better = corrected(paper.clip, "Tables 7–10", ["R13"], "pcam", "49.87");
    expect(rowsIn(findingsOf(better, "below-chance"))).toEqual(["R1", "R3", "R5"]);
  });

  it.each([
    ["0.6 inferior", /crop of 0\.6 is inferior .*Colon.* R10 has the largest value of all, 91\.08/],
    [
      "lower learning rates degrade",
      /below 5e-5 degrade .* PatchCamelyon accuracy .* mean 55\.34 over 5 against 52\.94/,
    ],
    ["R4 underperforms everywhere", /R4, with local loss.* R4 has the largest value of all, 59\.71/],
    ["peaked at 88.7", /peaked at 88\.7 % \(R9\).* of the 6 rows it speaks of is 91\.08, of R10/],
    ["66.36 to 73.45", /from 66\.36 % to 73\.45 %.* of the 6 rows it speaks of is 51\.80, of R19/],
    ["colon most stable", /more stable .* SD is 9\.45 \(LC25000 \(Colon\) accuracy\) against 4\.39/],
  ])("contradicts the text: %s", (_, sentence) => {
    expect(findingsOf(paper.clip, "claim").filter((finding) => sentence.test(finding.sentence))).toHaveLength(
      1,
    );
  });

  it("counts the test cases: 32,678 of 32,768, two digits exchanged", () => {
    expect(findingsOf(paper.clip, "case-count")).toMatchObject([
      {
        printed: "32,678",
        follows: "32,768",
        sentence: expect.stringMatching(/two digits are exchanged\.$/),
      },
    ]);
    const claims = paper.clip.claims.map((claim) =>
      claim.kind === "size" ? { ...claim, stated: claim.published } : claim,
    );
    expect(findingsOf({ ...paper.clip, claims }, "case-count")).toEqual([]);
  });

  it("lets true statements of the text stand", () => {
    const claims = findingsOf(paper.clip, "claim")
      .map(({ sentence }) => sentence)
      .join("\n");
    expect(claims).not.toContain("crop of 0.9");
    expect(claims).not.toContain("accuracies are higher");
    expect(claims).not.toMatch(/In set [13]|reach 88\.12|lowest lung|highest colon|50\.29|at most 0\.015/);
  });
});

describe("a report of an audit", () => {
  it("says how much each rule had to look at", () => {
    const { rules, sentence, findings } = auditTables(paper.clip.tables, paper.clip.claims);
    expect(rules.find(({ rule }) => rule === "accuracy")).toEqual({
      rule: "accuracy",
      checks: 23,
      findings: 1,
    });
    expect(rules.find(({ rule }) => rule === "range-sd")?.checks).toBe(0);
    expect(rules.reduce((sum, rule) => sum + rule.findings, 0)).toBe(findings.length);
    expect(sentence).toMatch(/^\d+ checks, 20 findings: 10 errors, 10 warnings, 0 notes\.$/);
    expect(auditTables([]).sentence).toMatch(/^Nothing could be checked/);
  });

  it("lists no more findings than a reader can use, and counts them all", () => {
    const [table] = paper.clip.tables.filter(({ name }) => name === "Tables 7–10");
    const position = table?.columns.findIndex(({ key }) => key === "pcam") ?? -1;
    const row = table?.rows[0]?.with(position, "1.00") ?? [];
    if (!table) throw new Error("the results are missing");
    const many = { ...table, rows: Array.from({ length: 400 }, () => row) };
    const { findings, rules, sentence } = auditTables([many]);
    expect(findings.filter(({ rule }) => rule === "accuracy")).toHaveLength(300);
    expect(rules.find(({ rule }) => rule === "accuracy")?.findings).toBe(400);
    expect(sentence).toMatch(/The first 300 of each rule are listed\.$/);
  });
});
