import { pageOf, type Run, run, runDetail } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiUnderTest, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
let sweepId: string;
let [many, few] = ["", ""];

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => `layer${String(i).padStart(4, "0")}`);

async function logged(body: object, names: readonly string[]): Promise<string> {
  const { id } = run.parse((await api.call("POST", "/runs", { body })).json);
  const metrics = Object.fromEntries(names.map((name, i) => [name, i]));
  const answer = await api.call("POST", `/runs/${id}/metrics`, { body: { step: 1, metrics } });
  expect(answer.status, answer.text).toBe(200);
  return id;
}

beforeAll(async () => {
  api = await startTestApi();
  ({ id: sweepId } = await api.createSweep({
    name: "many metrics",
    trainer: "external",
    dataset: "slides",
    search: { method: "external" },
    objective: { metric: "valScore", direction: "maximize" },
    modes: { nondeterministic: { repeats: 1 } },
    analysisPlan: { primaryMetric: "zebra" },
  }));
  many = await logged({ sweepId }, [...named(2000), "valScore", "zebra", "a, b"]);
  few = await logged({ sweepId }, ["zebra", "loss"]);
});
afterAll(() => api.close());

const list = async (query = "") =>
  (await api.get(`/runs?sweepId=${sweepId}${query}`, pageOf(run))).items.map(
    ({ summary, summaryCount, summaryTruncated }) => ({
      keys: Object.keys(summary),
      count: summaryCount,
      truncated: summaryTruncated,
    }),
  );

it("lists the metrics that stand for a run, and says how many there are", async () => {
  const [first, second] = await list();
  expect(first).toMatchObject({ count: 2003, truncated: true });
  expect(first?.keys).toEqual(["a, b", ...named(47), "valScore", "zebra"].toSorted());
  expect(second).toEqual({ keys: ["loss", "zebra"], count: 2, truncated: false });
});

it("lists those that are asked for", async () => {
  const of = (...keys: string[]) => ({ keys, count: 2003, truncated: true });
  expect((await list("&metrics=zebra,layer1999"))[0]).toEqual(of("layer1999", "zebra"));
  expect((await list(`&metrics=${encodeURIComponent("a, b")}`))[0]).toEqual(of("a, b"));
  const verbatim = `&metrics=${encodeURIComponent("a, b")}&metrics=zebra`;
  expect((await list(verbatim))[0]).toEqual(of("a, b", "zebra"));
  expect((await list("&metrics="))[0]).toEqual(of());
  const added = await list("&metrics=default&metrics=layer1999");
  expect(added[0]?.keys).toHaveLength(51);
  expect(added[0]?.keys).toContain("layer1999");
  const all = await list("&metrics=all");
  expect(all.map(({ keys, count, truncated }) => [keys.length, count, truncated])).toEqual([
    [2003, 2003, false],
    [2, 2, false],
  ]);
});

it("shows a run by itself with all of them, and leaves none out of what is computed", async () => {
  const whole: Run = await api.get(`/runs/${many}`, runDetail);
  expect(Object.keys(whole.summary)).toHaveLength(2003);
  expect(Object.keys((await api.get(`/runs/${few}`, runDetail)).summary)).toHaveLength(2);
  const filter = encodeURIComponent("metrics.layer1999 = 1999");
  expect(await list(`&filter=${filter}`)).toHaveLength(1);
  const groups = [many, few].map((id, i) => ({ name: `g${i}`, filter: `id = '${id}'` }));
  const body = { sweepId, groups, metrics: ["layer1999"] };
  const compared = await api.call("POST", "/comparisons", { body });
  expect(compared.text).toContain("1999");
});
