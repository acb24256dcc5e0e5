import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, problemOf, startTestApi } from "./api-harness.js";

const page = "<!doctype html><title>Reprise</title>";
const script = "console.log('reprise');";

let api: ApiUnderTest;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "reprise-dashboard-"));
  api = await startTestApi({ dashboardDirectory: join(directory, "dist") });
});
afterAll(async () => {
  await api.close();
  rmSync(directory, { recursive: true });
});

const open = (url: string, headers: Record<string, string> = {}) =>
  api.app.inject({ url, headers: { host: "localhost", ...headers } });

describe("the dashboard", () => {
  it("says how to build it while there is none, and is there as soon as it is built", async () => {
    const missing = await open("/");
    expect(missing.statusCode).toBe(503);
    expect(missing.body).toContain("pnpm build");

    mkdirSync(join(directory, "dist", "assets"), { recursive: true });
    writeFileSync(join(directory, "dist", "index.html"), page);
    writeFileSync(join(directory, "dist", "mark.svg"), "<svg/>");
    writeFileSync(join(directory, "dist", "assets", "main-abc123.js"), script);
    writeFileSync(join(directory, "dist", "assets", "main-abc123.js.br"), brotliCompressSync(script));
    writeFileSync(join(directory, "secret.txt"), "secret");
    const built = await open("/");
    expect(built.statusCode).toBe(200);
    expect(built.body).toBe(page);
  });

  it("shows the start page at every address of the application, never from a stale cache", async () => {
    for (const url of ["/", "/sweeps/0198c0de", "/runs?sort=seed", "/sweeps/a.b/c"]) {
      const answer = await open(url);
      expect(answer.body, url).toBe(page);
      expect(answer.headers["cache-control"]).toBe("no-cache");
      expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    }
  });

  it("serves hashed files for ever, and compressed where the browser takes that", async () => {
    const plain = await open("/assets/main-abc123.js");
    expect(plain.body).toBe(script);
    expect(plain.headers["cache-control"]).toContain("immutable");
    expect(plain.headers["content-type"]).toMatch(/javascript/);
    const compressed = await open("/assets/main-abc123.js", { "accept-encoding": "br" });
    expect(compressed.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(compressed.rawPayload).toString()).toBe(script);
    expect((await open("/mark.svg")).headers["content-type"]).toMatch(/svg/);
  });

  it("has no start page in place of missing files and unknown API routes, and nothing beside its folder", async () => {
    expect((await open("/assets/gone.js")).statusCode).toBe(404);
    problemOf(await api.call("GET", "/api/nothing"), 404, "not-found");
    for (const url of [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/assets/..%5c..%5csecret.txt",
    ]) {
      expect((await open(url)).body, url).not.toContain("secret\n");
      expect((await open(url)).body, url).not.toBe("secret");
    }
  });
});
