import { auditReport, besideReference, pageOf, referenceList, referenceStudy, run } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  smallStudy,
  startTestApi,
  trainRun,
} from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe("published studies over HTTP", () => {
  it("lists them, gives each as printed, and what its audit finds", async () => {
    const { items } = await api.get("/references", referenceList);
    expect(items.map(({ name }) => name)).toEqual(["clip-hyperparameters", "cuda-randomness"]);
    for (const { name, tables } of items) {
      const reference = await api.get(`/references/${name}`, referenceStudy);
      expect(reference.tables.map((table) => table.rows.length)).toEqual(tables.map((table) => table.rows));
      const audit = await api.get(`/references/${name}/audit`, auditReport);
      expect(audit.findings.length).toBeGreaterThan(10);
    }
  });

  it("knows the nearest name", async () => {
    for (const path of ["", "/audit"]) {
      const answer = await api.call("GET", `/references/cuda-randomnes${path}`);
      expect(problemOf(answer, 404, "not-found").detail).toContain('"cuda-randomness"');
    }
  });

  it("lays a sweep beside a published table where optimizer and seed match", async () => {
    const worker = await announceWorker(api);
    const { id } = await api.createSweep({
      ...smallStudy,
      objective: { metric: "validationLoss", direction: "minimize" },
      selection: { epoch: "bestValidation" },
    });
    const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
    for (const { id: runId, arm, repeat } of items)
      await trainRun(api, worker, runId, {
        testAccuracy: arm === "det" ? 0.93 : 0.9 + 0.01 * repeat,
        digest: `${repeat}`.padEnd(64, "0"),
      });
    const beside = await api.get(
      `/references/cuda-randomness/beside/${id}?analysis=determinism&dataset=CIFAR-10`,
      besideReference,
    );
    const row = beside.rows.find(
      (r) => r.row === "CIFAR-10, Accuracy, ADAM0" && r.quantity === "Nondeterministic mean",
    );
    expect(row).toMatchObject({ published: "92.19", arm: "free", measured: null, difference: null });
    expect(row?.reason).toMatch(/^Another quantity: published is the best test accuracy of any epoch/);
    const auc = await api.get(
      `/references/cuda-randomness/beside/${id}?analysis=determinism&metric=testAuc&dataset=CBIS-DDSM`,
      besideReference,
    );
    const same = auc.rows.find(
      (r) => r.row === "CBIS-DDSM, AUC, ADAM0" && r.quantity === "Nondeterministic mean",
    );
    expect(same).toMatchObject({ published: "78.17", arm: "free", reason: null });
    expect(same?.measured).toBeCloseTo(91, 9);
    problemOf(
      await api.call("GET", `/references/cuda-randomness/beside/${id}?analysis=curves`),
      400,
      "invalid-request",
    );
  });
});

const table = {
  name: "mine",
  csv: "model,acc,sens,spec,remark\nA,90.00,0.9,0.9,fine\nB,95.00,0.80,0.85,\n",
  columns: {
    model: "identity",
    acc: { role: "accuracy", unit: "percent", prevalence: 0.5 },
    sens: { role: "sensitivity", unit: "fraction" },
    spec: { role: "specificity", unit: "fraction" },
  },
};

describe("auditing a pasted table", () => {
  it("answers findings, the checks made, and the columns that were ignored", async () => {
    const answer = await api.call("POST", "/audits", { body: { tables: [table] } });
    expect(answer.status, answer.text).toBe(200);
    const report = auditReport.parse(answer.json);
    expect(report.findings).toMatchObject([{ rule: "accuracy", row: "B" }]);
    expect(report.rules.find(({ rule }) => rule === "accuracy")?.checks).toBe(2);
    expect(report.ignoredColumns).toEqual(["mine: remark"]);
  });

  it("names the field and the nearest column, role and key", async () => {
    const wrongColumn = { ...table, columns: { ...table.columns, sensitivty: "sensitivity" } };
    const named = problemOf(
      await api.call("POST", "/audits", { body: { tables: [wrongColumn] } }),
      400,
      "invalid-request",
    );
    expect(named.errors?.[0]?.path).toBe("tables.0.columns.sensitivty");
    const wrongRole = { ...table, columns: { acc: "acuracy" } };
    const role = problemOf(
      await api.call("POST", "/audits", { body: { tables: [wrongRole] } }),
      400,
      "invalid-request",
    );
    expect(role.errors?.[0]).toMatchObject({
      path: "tables.0.columns.acc",
      suggestion: 'Did you mean "accuracy"?',
    });
    const wrongCell = { ...table, csv: table.csv.replace("95.00", "95,00x").replace("95,00x", "high") };
    const cell = problemOf(
      await api.call("POST", "/audits", { body: { tables: [wrongCell] } }),
      400,
      "invalid-request",
    );
    expect(cell.errors?.[0]?.message).toMatch(/^line 3, column acc: not a number/);
  });
});
