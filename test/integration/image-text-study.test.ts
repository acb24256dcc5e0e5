import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { classificationAnalysis, type Predictions, type Run, sweep as sweepSchema } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, sweepUntil } from "../support/api.js";
import { startTestServer } from "../support/test-server.js";

// Image-text studies on data of one's own, from the files to the archived study, as they are run for real.

const pairs = 48;
const words = ["dark", "grey", "bright"];

/** A PNG file of 8 × 8 grey levels. */
function png(pixels: Uint8Array): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const rows = Array.from({ length: 8 }, (_, y) => [0, ...pixels.subarray(8 * y, 8 * y + 8)]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0)),
    chunk("IDAT", deflateSync(Uint8Array.from(rows.flat()))),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Pictures of three brightnesses with captions, as a table and as archives. */
async function makeSets(root: string): Promise<void> {
  const table = join(root, "shades");
  const archives = join(root, "archives");
  const members = join(root, "members");
  for (const folder of [join(table, "png"), archives, members]) await mkdir(folder, { recursive: true });
  const rows: string[] = [];
  const names: string[] = [];
  for (let i = 0; i < pairs; i++) {
    const shade = i % 3;
    const pixels = Uint8Array.from({ length: 64 }, (_, p) => 90 * shade + ((p * 7 + i * 13) % 40));
    const name = String(i).padStart(6, "0");
    const caption = `a ${words[shade]} square, number ${i % 5}`;
    const picture = png(pixels);
    await writeFile(join(table, "png", `${name}.png`), picture);
    await writeFile(join(members, `${name}.png`), picture);
    await writeFile(join(members, `${name}.txt`), caption);
    rows.push(`png/${name}.png\t${caption}`);
    names.push(`${name}.png`, `${name}.txt`);
  }
  await writeFile(join(table, "pairs.tsv"), `filepath\ttitle\n${rows.join("\n")}\n`);
  for (const shard of [0, 1])
    execFileSync("tar", [
      ...["-cf", join(archives, `shades-0${shard}.tar`), "-C", members],
      ...names.slice(shard * pairs, (shard + 1) * pairs),
    ]);
  const asked =
    'zeroShot: [{ dataset: squares, templates: ["a {c} square"], labels: { low: dark, high: [grey, bright] } }, { dataset: digits, name: whichDigit, cases: 60, templates: ["number {c}"] }]\n';
  const images = `imageSize: 8\nchannels: 1\n${asked}`;
  await writeFile(
    join(table, "dataset.yaml"),
    `kind: imageText\nlayout: table\nfile: pairs.tsv\nimage: filepath\ncaption: title\n${images}`,
  );
  await writeFile(
    join(archives, "dataset.yaml"),
    `kind: imageText\nlayout: webdataset\nshards: "shades-{00..01}.tar"\n${images}`,
  );
  for (const [label, level] of [
    ["low", 20],
    ["high", 200],
  ] as const) {
    await mkdir(join(root, "squares", label), { recursive: true });
    for (let i = 0; i < 6; i++) {
      await writeFile(join(root, "squares", label, `${i}.png`), png(new Uint8Array(64).fill(level + i)));
    }
  }
  await writeFile(
    join(root, "squares", "dataset.yaml"),
    "kind: imageFolder\nclasses: [low, high]\npositiveClass: high\nimageSize: 8\nchannels: 1\n",
  );
}

const studyOn = (dataset: string) => ({
  name: `pairs of ${dataset}`,
  task: "contrastive",
  dataset,
  base: {
    model: "clip",
    width: 8,
    layers: 1,
    heads: 2,
    embedDim: 8,
    patchSize: 4,
    contextLength: 12,
    batchSizePerRank: 8,
    epochs: 2,
    optimizer: "adamw",
    learningRate: 0.01,
    cropScale: [0.8, 1],
  },
  seeds: [0],
  modes: { deterministic: { repeats: 2 } },
  analysisPlan: { primaryMetric: "testSquaresAccuracy" },
  resources: { threads: 2, ranks: 2 },
});

const closing: Array<() => Promise<unknown> | unknown> = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function startServer() {
  const server = await startTestServer();
  closing.push(() => server.close());
  return server;
}

describe("a study on images with captions of one's own", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  const runs: Record<string, Run[]> = {};
  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), "reprise-pairs-"));
    closing.push(() => rmSync(root, { recursive: true, force: true }));
    await makeSets(root);
    server = await startServer();
    await server.startWorker("pairs", join(root, ".work"), { REPRISE_DATA: root });
    for (const dataset of ["shades", "archives"]) {
      const { id } = await server.api.createSweep(studyOn(dataset));
      expect(await sweepUntil(server.api, server.url, id)).toMatchObject({ status: "succeeded" });
      runs[dataset] = await server.api.runs(id);
    }
  });

  it("ends bit-identically in both repeats, from a table and from archives of the same pairs", () => {
    const digests = [...(runs.shades ?? []), ...(runs.archives ?? [])].map(({ digest }) => digest);
    expect(digests).toHaveLength(4);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(digests).size).toBe(1);
  });

  it("counts which digits are taken for which, and hands the counts out as a table", async () => {
    const [first] = runs.shades ?? [];
    const path = `/sweeps/${first?.sweepId}/analyses/classification`;
    const { rows } = classificationAnalysis.parse(await server.api.call(path));
    const [binary, digits] = rows.map(({ classConfusion }) => classConfusion);
    expect(binary).toBeNull();
    expect(digits?.counts.flat().reduce((a, b) => a + b)).toBe(60);
    const file = (query: string) => fetch(`${server.url}/api/v1${path}?${query}`);
    const csv = await (await file("format=csv&table=confusions")).text();
    const lines = csv.trim().split("\r\n").slice(1);
    expect(lines.map((line) => line.split(",").slice(0, 2)[0])).toEqual(Array(10).fill("whichDigit"));
    expect(lines[3]?.split(",").slice(4, 16)).toEqual([
      "3",
      ...[digits?.recall[3]?.n, ...(digits?.counts[3] ?? [])].map(String),
    ]);
    expect((await file("format=latex&table=confusions")).headers.get("content-disposition")).toMatch(
      /confusions/,
    );
    const other = await fetch(
      `${server.url}/api/v1/sweeps/${first?.sweepId}/analyses/runtime?format=csv&table=confusions`,
    );
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining("Use table=all")]);
    const sheets = await server.api.call<{ items: { ids: string[] }[] }>(`/runs/${first?.id}/thumbnails`);
    expect(sheets.items.map(({ ids }) => ids.length).sort()).toEqual([12, 60]);
  });

  it("is archived and read back with its questions: every answer, and the analysis of them", async () => {
    const [first] = runs.shades ?? [];
    if (!first) throw new Error("The study has no run.");
    const answers = ({ api }: { api: Api }) =>
      api.call<{ items: Predictions[] }>(`/runs/${first.id}/predictions`).then(({ items }) => items);
    const analysis = async ({ api }: { api: Api }) =>
      classificationAnalysis.parse(await api.call(`/sweeps/${first.sweepId}/analyses/classification`));
    const [answered, digit, ...others] = await answers(server);
    expect(others).toEqual([]);
    expect(digit).toMatchObject({ question: "whichDigit", positiveClass: null });
    expect(answered).toMatchObject({
      question: "squares",
      split: "test",
      classes: ["low", "high"],
      positiveClass: 1,
    });
    expect(answered?.ids).toContain("high/3.png");
    const archive = await fetch(`${server.url}/api/v1/sweeps/${first.sweepId}/crate`);
    const target = await startServer();
    const imported = await fetch(`${target.url}/api/v1/sweeps/import`, {
      method: "POST",
      headers: { "content-type": "application/zip" },
      body: await archive.arrayBuffer(),
    });
    expect(imported.status).toBe(201);
    expect(sweepSchema.parse(await imported.json()).spec.task).toBe("contrastive");
    expect(await answers(target)).toEqual([answered, digit]);
    expect(await analysis(target)).toEqual(await analysis(server));
  });
});
