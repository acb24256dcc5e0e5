import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactList, pageOf, run, runLogs, sweep } from "@reprise/contracts";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { python, pythonPackage } from "../support/python.js";
import { fillDisk, mountSmallDisk, smallDiskMissing, unmountSmallDisk } from "../support/small-disk.js";
import { problemOf, startTestApi } from "./api-harness.js";

const folder = mkdtempSync(join(tmpdir(), "reprise-files-"));
const api = await startTestApi({
  dataDirectory: join(folder, "data"),
  fileLimit: 10_000,
  runFilesLimit: 3,
  runBytesLimit: 10_020,
});
const url = await api.app.listen({ port: 0, host: "127.0.0.1" });
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const stored = (content: string) => {
  const digest = sha256(content);
  return join(folder, "data", "artifacts", "sha256", digest.slice(0, 2), digest);
};
const filesOf = async (id: string) => (await api.get(`/runs/${id}/artifacts`, artifactList)).items;

describe("a file of a run that is trained elsewhere", () => {
  let id = "";
  beforeAll(async () => {
    const body = { study: "files", params: {}, seed: 0, mode: "deterministic" };
    id = run.parse((await api.call("POST", "/runs", { body })).json).id;
  });

  /** As a program sends it; an answer as those of the harness. */
  const put = async (name: string, content: string, digest = sha256(content), to = id) => {
    const answer = await fetch(
      `${url}/api/v1/runs/${to}/files/${encodeURIComponent(name)}?sha256=${digest}&step=7`,
      { method: "PUT", headers: { "content-type": "application/octet-stream" }, body: content },
    );
    const text = await answer.text();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text,
      json: JSON.parse(text) as unknown,
    };
  };

  it("is stored under its digest, listed and handed out, however often it is sent", async () => {
    expect((await filesOf(id)).length).toBe(0);
    for (const _ of [1, 2]) {
      const { status, json } = await put("roc curve (test).svg", "<svg/>");
      expect(status).toBe(200);
      expect(json).toMatchObject({ kind: "file", bytes: 6, step: 7, epoch: null, digest: sha256("<svg/>") });
    }
    await put("table.csv", "a,b");
    await put("table.csv", "a,b,c");
    expect((await filesOf(id)).map(({ name, digest }) => [name, digest])).toEqual([
      ["roc curve (test).svg", sha256("<svg/>")],
      ["table.csv", sha256("a,b,c")],
    ]);
    const answer = await fetch(
      `${url}/api/v1/runs/${id}/artifacts/${encodeURIComponent("roc curve (test).svg")}`,
    );
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(await answer.text()).toBe("<svg/>");
    expect(existsSync(stored("<svg/>"))).toBe(true);
  });

  it("is refused where the run has as many files, or bytes, as it may have, and replaces one of its name all the same", async () => {
    const body = { study: "many files", params: {}, seed: 0, mode: "deterministic" };
    const full = run.parse((await api.call("POST", "/runs", { body })).json).id;
    const send = (name: string, content: string) => put(name, content, sha256(content), full);
    for (const name of ["a", "b", "c"]) expect((await send(name, "x".repeat(8))).status).toBe(200);
    const many = problemOf(await send("d", "x"), 413, "payload-too-large");
    expect(many.detail).toContain(
      "may be 3 files here (REPRISE_RUN_FILES_LIMIT of the server), and this run has 3",
    );
    // Told also to whoever closes the connection behind the request, and reads when all is sent.
    const late = httpRequest(`${url}/api/v1/runs/${full}/files/d?sha256=${sha256("x")}`, {
      method: "PUT",
      agent: false,
      headers: { "content-type": "application/octet-stream", "transfer-encoding": "chunked" },
    });
    const answered = once(late, "response");
    for (let sent = 0; sent < 20; sent++) if (!late.write(Buffer.alloc(1_000_000))) await once(late, "drain");
    late.end();
    const [{ statusCode }] = await answered;
    expect(statusCode).toBe(413);
    expect((await send("c", "y".repeat(10_000))).status).toBe(200);
    const large = problemOf(await send("b", "z".repeat(13)), 413, "payload-too-large");
    expect(large.detail).toContain(
      "may be 10020 bytes here (REPRISE_RUN_BYTES_LIMIT of the server), and this run has 10008",
    );
  });

  it("is refused with the reason, and nothing of it stays", async () => {
    const other = problemOf(await put("a.txt", "these bytes", sha256("others")), 400, "invalid-request");
    expect(other.detail).toContain(`SHA-256 ${sha256("these bytes")}, not the promised`);
    expect(existsSync(stored("these bytes"))).toBe(false);
    expect(readdirSync(join(folder, "data", "artifacts", "incoming"))).toEqual([]);
    expect(problemOf(await put("a.txt", "x".repeat(10_001)), 413, "payload-too-large").detail).toContain(
      "10000",
    );
    for (const name of ["final-weights.safetensors", "checkpoint-3", ".hidden", "a/b"])
      problemOf(await put(name, "x"), 400, "invalid-request");
    problemOf(await put("a.txt", "x", sha256("x"), "00000000-0000-4000-8000-000000000000"), 404, "not-found");
    expect((await filesOf(id)).map(({ name }) => name)).not.toContain("a.txt");
  });
});

describe("run.file of a script", () => {
  const script = join(folder, "train.py");
  const reprise = (words: string[], at: string) =>
    execa(python, ["-m", "reprise", ...words], {
      cwd: folder,
      env: { PYTHONPATH: pythonPackage, REPRISE_SPOOL: join(folder, "spool"), REPRISE_URL: at },
    });
  const runOf = async (study: string) => {
    const studies = await api.get("/sweeps", pageOf(sweep));
    const named = studies.items.find(({ name }) => name === study);
    const [found] = (await api.get(`/runs?sweepId=${named?.id}`, pageOf(run))).items;
    if (!found) throw new Error(`no run of ${study}`);
    return found;
  };

  it("keeps the file as it was, survives an absent server, and arrives by sync", async () => {
    writeFileSync(
      script,
      [
        "import reprise",
        "run = reprise.run()",
        "open('figure.svg', 'w').write('first')",
        "run.file('figure.svg', step=3)",
        "open('figure.svg', 'w').write('second')",
        "run.file('figure.svg', name='last.svg')",
        // Larger than what lies between the two: it is refused while it is still being sent.
        "open('large.bin', 'w').write('x' * 20_000_000)",
        "run.file('large.bin')",
        "run.log(accuracy=0.5, step=1)",
      ].join("\n"),
    );
    const offline = await reprise(["run", "--study", "absent", "train.py"], "http://127.0.0.1:9");
    expect(offline.stderr).toContain("python -m reprise sync");
    const synced = await reprise(["sync"], url);
    expect(synced.stdout).toContain("1 sent, 0 left");
    expect(synced.stderr).toContain("a file was refused");
    const { id, status } = await runOf("absent");
    expect(status).toBe("succeeded");
    expect(await filesOf(id)).toMatchObject([
      { name: "figure.svg", step: 3, digest: sha256("first"), unreadable: null },
      { name: "last.svg", digest: sha256("second"), unreadable: null },
    ]);
    const { items } = await api.get(`/runs/${id}/logs`, runLogs);
    expect(items.map(({ text }) => text).join("\n")).toContain(
      "file large.bin: 20000000 bytes, SHA-256 bc01a03f",
    );
    // What the server did not take stays where it is, and nothing else does.
    const [left] = readdirSync(join(folder, "spool"));
    const kept = readdirSync(join(folder, "spool", left ?? ""));
    expect(kept.filter((name) => name.startsWith("file-"))).toHaveLength(1);
  });
});

describe("a file that finds no room on the server's disk", () => {
  const missing = smallDiskMissing();
  it("is refused as one to be sent again, leaves nothing, and takes nothing from those that were acknowledged", async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const disk = join(folder, "small");
    mountSmallDisk(disk, 8);
    onTestFinished(() => unmountSmallDisk(disk));
    // Its database is on another disk: only the file meets the full one.
    const small = await startTestApi({ dataDirectory: disk, fileLimit: 2 ** 24 });
    onTestFinished(() => small.close());
    const address = await small.app.listen({ port: 0, host: "127.0.0.1" });
    const { id } = run.parse((await small.call("POST", "/runs", { body: {} })).json);
    const send = async (name: string, content: Buffer) => {
      const digest = createHash("sha256").update(content).digest("hex");
      const answer = await fetch(`${address}/api/v1/runs/${id}/files/${name}?sha256=${digest}`, {
        ...{ method: "PUT", headers: { "content-type": "application/octet-stream" } },
        body: new Uint8Array(content),
      });
      return { status: answer.status, json: (await answer.json()) as unknown };
    };
    const [kept, large] = [Buffer.alloc(2 ** 20, "a"), Buffer.alloc(3 * 2 ** 20, "b")];
    expect((await send("kept.bin", kept)).status).toBe(200);
    const giveBack = fillDisk(disk);
    const refused = await send("large.bin", large);
    expect(refused).toMatchObject({ status: 503, json: { detail: expect.stringMatching(/disk .* full/) } });
    expect(readdirSync(join(disk, "artifacts", "incoming"))).toEqual([]);
    const names = async () =>
      (await small.get(`/runs/${id}/artifacts`, artifactList)).items.map(({ name }) => name).sort();
    expect(await names()).toEqual(["kept.bin"]);
    const read = async (name: string) =>
      Buffer.from(await (await fetch(`${address}/api/v1/runs/${id}/artifacts/${name}`)).arrayBuffer());
    expect((await read("kept.bin")).equals(kept)).toBe(true);
    giveBack();
    expect((await send("large.bin", large)).status).toBe(200);
    expect(await names()).toEqual(["kept.bin", "large.bin"]);
    expect((await read("large.bin")).equals(large)).toBe(true);
  });
});
