import { comparisonAnswer, pageOf, run, runDetail, runGroups, runMetrics } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, problemOf, startTestApi } from "./api-harness.js";

const names = [
  "image_to_text_R@1",
  "Business Score",
  "recall (TPR), macro",
  "5_fold_cv",
  "准确率",
  'a `b` "c" | <d> & {e} %',
];

let api: ApiUnderTest;
let sweepId: string;
const ids: string[] = [];
beforeAll(async () => {
  api = await startTestApi();
  ({ id: sweepId } = await api.createSweep({
    name: "names",
    trainer: "external",
    dataset: "slides",
    search: { method: "external" },
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
  }));
  const runs = ["det", "free", "free", "free"];
  for (const [index, arm] of runs.entries()) {
    const { id } = run.parse((await api.call("POST", "/runs", { body: { sweepId, arm } })).json);
    ids.push(id);
    const metrics = Object.fromEntries(names.map((name, place) => [name, (place + 1) / 10 + index / 100]));
    const logged = await api.call("POST", `/runs/${id}/metrics`, { body: { step: 1, metrics } });
    expect(logged.status, logged.text).toBe(200);
    await api.call("POST", `/runs/${id}/finish`, { body: {} });
  }
});
afterAll(() => api.close());

const inFilter = (name: string) => `metrics.\`${name.replaceAll("`", "``")}\``;
const address = (path: string, query: Record<string, string> | [string, string][]) =>
  `${path}?${new URLSearchParams(query)}`;

describe.each(names.map((name, place) => ({ name, place })))("a metric called $name", ({ name, place }) => {
  const first = (place + 1) / 10;

  it("is summed up, filtered, sorted, grouped and read back under its name", async () => {
    const [id = ""] = ids;
    expect((await api.get(`/runs/${id}`, runDetail)).summary[name]).toMatchObject({ last: first });
    const filter = `${inFilter(name)} > ${first + 0.015}`;
    const found = await api.get(address("/runs", { sweepId, filter }), pageOf(run));
    expect(found.items.map((item) => item.id)).toEqual(ids.slice(2));
    const orderBy = `-metrics.${name}`;
    const sorted = await api.get(address("/runs", { sweepId, orderBy, limit: "3" }), pageOf(run));
    expect(sorted.items.map((item) => item.id)).toEqual([ids[3], ids[2], ids[1]]);
    const cursor = sorted.nextCursor ?? "";
    const rest = await api.get(address("/runs", { sweepId, orderBy, limit: "3", cursor }), pageOf(run));
    expect(rest.items.map((item) => item.id)).toEqual([ids[0]]);
    const groups = await api.get(address("/runs/groups", { sweepId, by: "arm", metric: name }), runGroups);
    expect(groups.groups.map(({ n }) => n)).toEqual([1, 3]);
    for (const query of [
      { keys: name },
      [
        ["keys", name],
        ["keys", "none"],
      ] satisfies [string, string][],
    ]) {
      const { series } = await api.get(address(`/runs/${id}/metrics`, query), runMetrics);
      expect(Object.keys(series)).toEqual([name]);
    }
  });

  it("is compared and exported as CSV, LaTeX and Markdown", async () => {
    const groups = [
      { name: "det", filter: "arm = 'det'" },
      { name: "free", filter: `arm = 'free' and ${inFilter(name)} > 0` },
    ];
    const compared = await api.call("POST", "/comparisons", { body: { sweepId, groups, metrics: [name] } });
    expect(compared.status, compared.text).toBe(200);
    expect(comparisonAnswer.parse(compared.json).comparisons[0]?.metric).toBe(name);
    for (const [format, suffix] of [
      ["csv", "csv"],
      ["latex", "tex"],
      ["markdown", "md"],
    ] as const) {
      const path = `/sweeps/${sweepId}/analyses/significance`;
      const file = await api.call("GET", address(path, { metric: name, format }));
      expect(file.status, file.text).toBe(200);
      expect(file.headers["content-disposition"]).toMatch(
        new RegExp(
          `^attachment; filename="[A-Za-z0-9._-]+\\.${suffix}"(; filename\\*=UTF-8''[A-Za-z0-9._%~!-]+)?$`,
        ),
      );
      if (format === "csv") {
        expect(file.text).toContain(/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
      }
    }
    const report = await api.call("GET", address(`/sweeps/${sweepId}/report`, { metric: name }));
    expect(report.status, report.text).toBe(200);
  });
});

it("says of a name that cannot be which one, and by which rule", async () => {
  const { id } = run.parse((await api.call("POST", "/runs", { body: {} })).json);
  for (const [name, rule] of [
    ["a\nb", /^holds U\+000A: .* can be printed$/],
    [" loss", /begins or ends with a space/],
    ["", /needs a name/],
    ["x".repeat(251), /has 251 characters, 250 are allowed/],
  ] as const) {
    for (const body of [
      { step: 1, metrics: { [name]: 1 } },
      { series: { [name]: { steps: [1], values: [1] } } },
    ]) {
      const refused = problemOf(
        await api.call("POST", `/runs/${id}/metrics`, { body }),
        400,
        "invalid-request",
      );
      const [error] = refused.errors ?? [];
      expect(error?.message).toMatch(rule);
      expect(error?.path).toContain(name.slice(0, 100));
      expect(error?.value).toContain(JSON.stringify(name).slice(0, 100).replace(/"$/, ""));
    }
  }
});

it("finds a name however its accents were typed", async () => {
  const { id } = run.parse(
    (await api.call("POST", "/runs", { body: { sweepId, arm: "free", seed: 1 } })).json,
  );
  const decomposed = "pre\u0301cision";
  await api.call("POST", `/runs/${id}/metrics`, { body: { step: 1, metrics: { [decomposed]: 0.5 } } });
  expect(Object.keys((await api.get(`/runs/${id}`, runDetail)).summary)).toEqual(["pr\u00e9cision"]);
  const filter = `metrics.${decomposed} > 0.4`;
  const found = await api.get(address("/runs", { sweepId, filter }), pageOf(run));
  expect(found.items.map((item) => item.id)).toEqual([id]);
  const { series } = await api.get(address(`/runs/${id}/metrics`, { keys: decomposed }), runMetrics);
  expect(Object.keys(series)).toEqual(["pr\u00e9cision"]);
});
