import { createHash } from "node:crypto";
import { existsSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  artifactList,
  filesRemoval,
  fileTotals,
  finalWeightsName,
  run,
  thumbnailsList,
} from "@reprise/contracts";
import {
  type AttemptRef,
  knownThumbnails,
  recordArtifact,
  recordCheckpoint,
  recordEnvironment,
  recordThumbnails,
  writeBatch,
} from "@reprise/database";
import { describe, expect, it } from "vitest";
import { claim, metricBatch, problemOf } from "./api-harness.js";
import { firstOf, storesOfFile } from "./store-fixtures.js";

const { api, worker, folder, study, store, end } = await storesOfFile();
const keep = (ref: AttemptRef, file: ReturnType<typeof store>) =>
  recordArtifact(api.db, ref, { kind: "finalWeights", name: finalWeightsName, step: 30, epoch: 3, ...file });

describe("files of a run", () => {
  it("are listed in the order of training, and handed out whole, named and checked", async () => {
    const { runs } = await study();
    const { id } = firstOf(runs);
    const ref = await claim(api, worker, id);
    const checkpoint = store("state after ten steps");
    await recordCheckpoint(api.db, ref, { ...checkpoint, step: 10, epoch: 1 });
    const content = Buffer.alloc(700_000, "weights ");
    const weights = store(content);
    await keep(ref, weights);
    await end(ref);

    const { items, absence } = await api.get(`/runs/${id}/artifacts`, artifactList);
    expect(absence).toBeNull();
    expect(items).toMatchObject([
      { kind: "checkpoint", name: "checkpoint-10.safetensors", bytes: 21, unreadable: null },
      { kind: "finalWeights", name: "final-weights.safetensors", digest: weights.digest, step: 30 },
    ]);
    const address = `/api/v1/runs/${id}/artifacts/final-weights.safetensors`;
    const headers = { host: "localhost" };
    const answer = await api.app.inject({ url: address, headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.equals(content)).toBe(true);
    expect(answer.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "700000",
      "content-disposition": `attachment; filename="run-${id.slice(-12)}-final-weights.safetensors"`,
      etag: `"${weights.digest}"`,
      "repr-digest": `sha-256=:${createHash("sha256").update(content).digest("base64")}:`,
    });
    const again = await api.app.inject({
      url: address,
      headers: { ...headers, "if-none-match": `"${weights.digest}"` },
    });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    problemOf(await api.call("GET", `/runs/${id}/artifacts/nothing`), 404, "not-found");
  });

  it("that were changed or are elsewhere are not handed out as if they were whole", async () => {
    const { runs } = await study();
    const { id } = firstOf(runs);
    const ref = await claim(api, worker, id);
    const file = store("weights that rot");
    await keep(ref, file);
    const address = `/runs/${id}/artifacts/final-weights.safetensors`;
    writeFileSync(file.path, "weights that rut");
    expect((await api.call("GET", address)).status).toBe(500);
    writeFileSync(file.path, "weights");
    expect(problemOf(await api.call("GET", address), 404, "not-found").detail).toMatch(
      /has 7 bytes; 16 were stored/,
    );
    rmSync(file.path);
    const { items } = await api.get(`/runs/${id}/artifacts`, artifactList);
    expect(items[0]?.unreadable).toMatch(/not on the server's machine.+REPRISE_DATA_DIR/);
    problemOf(await api.call("GET", address), 404, "not-found");
  });

  it("are explained where there are none", async () => {
    const absence = async (spec: object, act?: (ref: AttemptRef) => Promise<unknown>) => {
      const { id } = firstOf((await study(spec)).runs);
      if (act) await act(await claim(api, worker, id));
      return (await api.get(`/runs/${id}/artifacts`, artifactList)).absence;
    };
    expect(await absence({})).toMatch(/^None yet/);
    expect(await absence({}, end)).toMatch(/keepWeights: auto only .+ up to 16 MiB/);
    expect(await absence({ keepWeights: "never" }, end)).toMatch(/launched with keepWeights: never/);
    expect(await absence({ keepWeights: "always" }, end)).toMatch(/although .+ keepWeights: always/);
  });
});

describe("removing the files of a sweep", () => {
  it("leaves those of other sweeps, what was stored anew, and what lies elsewhere", async () => {
    const [mine, other] = [await study({ seeds: [0, 1, 2, 3] }), await study()];
    const own = store("only mine");
    const shared = store("in both studies");
    const renewed = store("stored again by a run that is not recorded yet");
    const outside = { path: join(folder, "precious.txt"), digest: "b".repeat(64), bytes: 8 };
    writeFileSync(outside.path, "precious");
    const refs = [];
    for (const [index, file] of [own, shared, renewed, outside].entries()) {
      const ref = await claim(api, worker, mine.runs[index]?.id ?? "");
      await keep(ref, file);
      refs.push(ref);
    }
    const again = store("stored again by the run that has it");
    const checkpoint = { ...again, step: 10, epoch: 1 };
    await recordCheckpoint(api.db, firstOf(refs), checkpoint);
    await api.db.prisma.$executeRaw`
      UPDATE checkpoints SET created_at = created_at - interval '1 minute' WHERE path = ${again.path}`;
    await recordCheckpoint(api.db, firstOf(refs), checkpoint);
    const elsewhere = await claim(api, worker, firstOf(other.runs).id);
    await keep(elsewhere, shared);
    problemOf(await api.call("DELETE", `/sweeps/${mine.id}/artifacts`), 409, "conflict");
    expect(existsSync(own.path)).toBe(true);
    for (const ref of refs) await end(ref);
    const later = new Date(Date.now() + 60_000);
    utimesSync(renewed.path, later, later);

    expect((await api.get(`/sweeps/${mine.id}/artifacts`, fileTotals)).files).toBe(5);
    const answer = await api.call("DELETE", `/sweeps/${mine.id}/artifacts`);
    expect(filesRemoval.parse(answer.json)).toEqual({
      removed: { files: 2, bytes: 9 + again.bytes },
      shared: 2,
      elsewhere: [outside.path],
    });
    expect([own, again, shared, renewed, outside].map(({ path }) => existsSync(path))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(await api.get(`/sweeps/${mine.id}/artifacts`, fileTotals)).toEqual({ files: 0, bytes: 0 });
    const { absence } = await api.get(`/runs/${firstOf(mine.runs).id}/artifacts`, artifactList);
    expect(absence).toMatch(/were removed on \d{4}-/);
    expect((await api.get(`/runs/${firstOf(mine.runs).id}`, run.loose())).digest).toBe("a".repeat(64));
  });
});

describe("a sweep that is deleted", () => {
  /** How many rows each table has, of those that are about runs. */
  const rowsByTable = async () => {
    const tables = await api.db.prisma.$queryRaw<{ name: string }[]>`
      SELECT DISTINCT c.table_name AS name FROM information_schema.columns c
      WHERE c.table_schema = 'public' AND (c.column_name IN ('run_id', 'sweep_id') OR c.table_name IN ('sweeps', 'environments', 'thumbnails'))
        AND c.table_name <> 'live_events' ORDER BY 1`;
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const [row] = await api.db.prisma.$queryRawUnsafe<{ n: number }[]>(
        `SELECT count(*)::int AS n FROM "${name}"`,
      );
      counts[name] = row?.n ?? -1;
    }
    return counts;
  };

  it("takes its runs and files along, and leaves everybody else's", async () => {
    const other = await study();
    const shared = store("weights of two studies");
    const elsewhere = await claim(api, worker, firstOf(other.runs).id);
    await keep(elsewhere, shared);
    await end(elsewhere);
    const before = await rowsByTable();
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(["runs", "attempts", "metric_chunks", "environments"]),
    );

    const mine = await study({ seeds: [0, 1] });
    const own = store("weights of one");
    const [first, second] = await Promise.all(mine.runs.map(({ id }) => claim(api, worker, id)));
    if (!first || !second) throw new Error("two runs were planned");
    await keep(first, own);
    await keep(second, shared);
    await writeBatch(api.db, first, metricBatch(0, 1, { loss: 0.5 }));
    await recordEnvironment(api.db, first, { "os.platform": "of this run alone" });
    problemOf(await api.call("DELETE", `/sweeps/${mine.id}`), 409, "conflict");
    for (const ref of [first, second]) await end(ref);
    expect(await rowsByTable()).not.toEqual(before);

    const answer = await api.call("DELETE", `/sweeps/${mine.id}`);
    expect(filesRemoval.parse(answer.json)).toEqual({
      removed: { files: 1, bytes: own.bytes },
      shared: 1,
      elsewhere: [],
    });
    expect([own, shared].map(({ path }) => existsSync(path))).toEqual([false, true]);
    expect(await rowsByTable()).toEqual(before);
    problemOf(await api.call("GET", `/sweeps/${mine.id}`), 404, "not-found");
    problemOf(await api.call("GET", `/runs/${first.runId}`), 404, "not-found");
    problemOf(await api.call("DELETE", `/sweeps/${mine.id}`), 404, "not-found");
    expect((await api.get(`/sweeps/${other.id}/artifacts`, fileTotals)).files).toBe(1);
  });
});

describe("thumbnails", () => {
  it("are one sheet for all runs that evaluate the same, until the last of them lets go of it", async () => {
    const [mine, other] = [await study({ seeds: [0, 1] }), await study()];
    const png = store(Buffer.from("as good as a picture"));
    const key = "c".repeat(64);
    const layout = { columns: 2, width: 8, height: 8, ids: ["a", "b", "c"] };
    const [first, second] = await Promise.all(mine.runs.map(({ id }) => claim(api, worker, id)));
    const third = await claim(api, worker, firstOf(other.runs).id);
    if (!first || !second) throw new Error("two runs were planned");
    const known = { key, split: "test" as const, sheet: null };
    // Told of a sheet that nobody has stored: there is nothing to show.
    await recordThumbnails(api.db, second, known);
    expect(await api.get(`/runs/${second.runId}/thumbnails`, thumbnailsList)).toEqual({ items: [] });
    await recordThumbnails(api.db, first, { ...known, sheet: { ...layout, ...png } });
    for (const ref of [first, second, third]) await recordThumbnails(api.db, ref, known);
    expect(await knownThumbnails(api.db, "wdbc")).toEqual([key]);
    const item = { key, split: "test", ...layout };
    for (const path of [`runs/${second.runId}`, `sweeps/${mine.id}`, `sweeps/${other.id}`])
      expect(await api.get(`/${path}/thumbnails`, thumbnailsList)).toEqual({ items: [item] });
    const image = await api.call("GET", `/thumbnails/${key}`);
    expect([image.status, image.text]).toEqual([200, "as good as a picture"]);
    expect(image.headers).toMatchObject({
      "content-type": "image/png",
      "cache-control": expect.stringContaining("immutable"),
    });

    for (const ref of [first, second, third]) await end(ref);
    const remove = async (id: string) =>
      filesRemoval.parse((await api.call("DELETE", `/sweeps/${id}/artifacts`)).json);
    expect(await remove(mine.id)).toMatchObject({ removed: { files: 0 }, shared: 1 });
    expect(await api.get(`/sweeps/${mine.id}/thumbnails`, thumbnailsList)).toEqual({ items: [] });
    expect((await api.call("GET", `/thumbnails/${key}`)).status).toBe(200);
    expect(await remove(other.id)).toMatchObject({ removed: { files: 1, bytes: png.bytes }, shared: 0 });
    expect(existsSync(png.path)).toBe(false);
    problemOf(await api.call("GET", `/thumbnails/${key}`), 404, "not-found");
    expect(await knownThumbnails(api.db, "wdbc")).toEqual([]);
  });
});
