import { createHash } from "node:crypto";
import { run, runMetrics } from "@reprise/contracts";
import { readPredictions } from "@reprise/database";
import { z } from "zod";
import type { Violation, Work, WorkSetting } from "./work.js";

const steps = 15;
const anything = z.unknown();

const valueAt = (at: number, step: number) => at + 1 / (step + 1);

const predictionsOf = (at: number) => ({
  classes: ["a", "b"],
  ids: ["x", "y", "z"],
  labels: [0, 1, at % 2],
  scores: [0.1, 0.6, 0.3 + at / 10].map((score) => [1 - score, score]),
});

/** Two programs that log their runs step by step, each report twice or late now and then, and hand over a file. */
export async function notebookWork({ lab, client, name }: WorkSetting): Promise<Work> {
  const study = `${name} notebook`;
  const programs = [0, 1];
  const runIds: string[] = [];
  const fileOf = (at: number) => new TextEncoder().encode(`${study} ${at}\n`.repeat(500));
  let sweepId: string | null = null;

  const program = async (at: number) => {
    const body = { study, dataset: "slides", params: { at }, seed: at, leaseSeconds: 30 };
    const begun = await client.call({ path: "/runs", body, key: `${study} ${at}` }, run);
    runIds[at] = begun.id;
    sweepId = begun.sweepId;
    const path = `/runs/${begun.id}`;
    const report = (step: number) =>
      client.call(
        { path: `${path}/metrics`, body: { step, metrics: { loss: valueAt(at, step) } } },
        anything,
      );
    for (let step = 0; step < steps; step += 3) {
      // Three steps arrive in the opposite order, one of them twice and at the same time.
      await report(step + 2);
      await Promise.all([report(step), report(step + 1), report(step)]);
    }
    await client.call({ path: `${path}/predictions`, body: predictionsOf(at) }, anything);
    const digest = createHash("sha256").update(fileOf(at)).digest("hex");
    const headers = { "content-type": "application/octet-stream" };
    await client.call(
      { method: "PUT", path: `${path}/files/weights.bin?sha256=${digest}`, body: fileOf(at), headers },
      anything,
    );
    await client.call({ path: `${path}/finish`, body: { digest }, key: `${study} ${at} end` }, run);
  };

  return {
    sweepIds: () => (sweepId === null ? [] : [sweepId]),
    done: Promise.all(programs.map(program)).then(() => {}),
    async check() {
      const violations: Violation[] = [];
      const count = await lab.db.prisma.run.count({ where: { sweepId: sweepId ?? "" } });
      if (count !== programs.length) violations.push(`${study} has ${count} runs, not ${programs.length}`);
      for (const [at, id] of runIds.entries()) {
        const found = await lab.db.prisma.run.findUniqueOrThrow({ where: { id } });
        if (found.status !== "succeeded") violations.push(`logged run ${id} is ${found.status}`);
        const { series } = await client.call({ path: `/runs/${id}/metrics` }, runMetrics);
        const expected = Array.from({ length: steps }, (_, step) => [step, valueAt(at, step)]);
        const kept = series.loss?.steps.map((step, index) => [step, series.loss?.values[index]]);
        if (JSON.stringify(kept) !== JSON.stringify(expected))
          violations.push(`logged run ${id} has loss ${JSON.stringify(kept)}`);
        const [split, ...more] = (await readPredictions(lab.db, id)) ?? [];
        const { ids, labels, scores } = predictionsOf(at);
        const wanted = JSON.stringify({ ids, labels, scores });
        const has = split && JSON.stringify({ ids: split.ids, labels: split.labels, scores: split.scores });
        if (more.length > 0 || has !== wanted) violations.push(`logged run ${id} has predictions ${has}`);
        const file = await client.bytes(`/runs/${id}/artifacts/weights.bin`);
        if (!Buffer.from(file).equals(fileOf(at)))
          violations.push(`weights.bin of logged run ${id} has ${file.length} other bytes`);
      }
      return violations;
    },
  };
}
