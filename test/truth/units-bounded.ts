import { sweep } from "@reprise/contracts";
import { curveOf } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";
import { asIs, compareAB, declare, fileOf, groupedStudy, groupsOf, inPercent } from "./unit-studies.js";

const bounded = "Intervals of a bounded metric stay in its bounds; at n = 2 the points are shown";
const accuracy = "testAccuracy";
const nearOne = [0.995, 0.93, 0.999];

/** Intervals of what cannot be everything. */
export const boundedCases: TruthCase[] = [
  {
    bullet: bounded,
    kind: "run groups",
    input: "three runs at 99.5, 93.0 and 99.9 %",
    before: "87.8 to 107.1 %",
    after: "66.0 to 100.0 %",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: nearOne });
      const { groups } = await groupsOf(api, `sweepId=${id}&metric=${accuracy}&by=arm`);
      return groups[0]?.interval ? inPercent(groups[0].interval) : "none";
    },
  },
  {
    bullet: bounded,
    kind: "run groups",
    input: "two runs at 95 and 98 %",
    before: "77.4 to 115.6 %; no points",
    after: "0.0 to 100.0 %; points 0.95, 0.98",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: [0.95, 0.98] });
      const { groups } = await groupsOf(api, `sweepId=${id}&metric=${accuracy}&by=arm`);
      const [group] = groups;
      const points = group?.points ? `; points ${group.points.join(", ")}` : "; no points";
      return `${group?.interval ? inPercent(group.interval) : "none"}${points}`;
    },
  },
  {
    bullet: bounded,
    kind: "run groups",
    input: "three runs, all at 100 %",
    before: "100.0 to 100.0 %",
    after: "none: all values are equal: no spread was seen, which is not to say that there is none",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: [1, 1, 1] });
      const { groups } = await groupsOf(api, `sweepId=${id}&metric=${accuracy}&by=arm`);
      const [group] = groups;
      return group?.interval ? inPercent(group.interval) : `none: ${group?.intervalReason}`;
    },
  },
  {
    bullet: bounded,
    kind: "groups of a comparison",
    input: "three seeds at 99.5, 93.0 and 99.9 %",
    before: "87.8 to 107.1 %",
    after: "66.0 to 100.0 %",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: nearOne, b: [0.9, 0.91, 0.92] });
      const [a] = (await compareAB(api, accuracy, id)).summaries;
      return a ? inPercent(a.interval) : "none";
    },
  },
  {
    bullet: bounded,
    kind: "groups of a comparison",
    input: "two seeds at 95 and 98 %",
    before: "77.4 to 115.6 %; no points",
    after: "0.0 to 100.0 %; points 0.95, 0.98",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: [0.95, 0.98], b: [0.9, 0.91] });
      const [a] = (await compareAB(api, accuracy, id)).summaries;
      return a
        ? `${inPercent(a.interval)}; ${a.points ? `points ${a.points.join(", ")}` : "no points"}`
        : "none";
    },
  },
  {
    bullet: bounded,
    kind: "difference of two groups",
    input: "two seeds each: 0.99 and 0.60 against 0.10 and 0.05",
    before: "-144.0 to 288.0 %",
    after: "-100.0 to 100.0 %",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: [0.99, 0.6], b: [0.1, 0.05] });
      return inPercent((await compareAB(api, accuracy, id)).interval);
    },
  },
  {
    bullet: bounded,
    kind: "band of a mean curve",
    input: "three runs at 99.5, 93.0 and 99.9 % at step 1",
    before: "87.8 to 107.1 %",
    after: "66.0 to 100.0 %",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: nearOne });
      const { group } = await curveOf(api, id, accuracy);
      return inPercent({ low: group.low[0] ?? null, high: group.high[0] ?? null });
    },
  },
  {
    bullet: bounded,
    kind: "CSV of the curves",
    input: "three runs at 99.5, 93.0 and 99.9 % at step 1",
    before: "3 runs, 0.8784457373608903 to 1.070887595972443",
    after: "3 runs, 0.6595909896282597 to 1",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: nearOne });
      const csv = await fileOf(api, `/sweeps/${id}/analyses/curves?metric=${accuracy}&format=csv`);
      const [, , , n, , low, high] = csv.trim().split(/\r?\n/).at(-1)?.split(",") ?? [];
      return `${n} runs, ${low} to ${high}`;
    },
  },
  {
    bullet: bounded,
    kind: "declared percent",
    input: "score declared as percent, three runs at 99.5, 93.0 and 99.9",
    before: "87.8 to 107.1",
    after: "66.0 to 100.0",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "score", { a: nearOne.map((value) => 100 * value) });
      await declare(api, id, { score: { unit: "percent" } });
      const { groups } = await groupsOf(api, `sweepId=${id}&metric=score&by=arm`);
      return groups[0]?.interval ? asIs(groups[0].interval) : "none";
    },
  },
  {
    bullet: bounded,
    kind: "report",
    input: "Markdown of a logged study whose metric nobody declares",
    before: "no word of a guess",
    after: "the guess is named",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: nearOne, b: [0.9, 0.91, 0.92] });
      const report = await fileOf(api, `/sweeps/${id}/report?format=markdown&metric=${accuracy}`);
      return report.includes("guessed from its name") ? "the guess is named" : "no word of a guess";
    },
  },
  {
    bullet: "Units are declared and checked, never guessed from a name",
    kind: "archived and read back",
    input: "a study whose unit was declared afterwards",
    before: "metrics null",
    after: 'metrics {"score":{"unit":"percent"}}',
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "score", { a: [91, 92] });
      await declare(api, id, { score: { unit: "percent" } });
      const headers = { host: "localhost" };
      const { rawPayload } = await api.app.inject({ url: `/api/v1/sweeps/${id}/crate`, headers });
      await api.db.prisma.sweep.delete({ where: { id } });
      const imported = await api.app.inject({
        ...{ method: "POST", url: "/api/v1/sweeps/import", payload: rawPayload },
        headers: { ...headers, "content-type": "application/zip" },
      });
      return `metrics ${JSON.stringify(sweep.loose().parse(imported.json()).metrics ?? null)}`;
    },
  },
];
