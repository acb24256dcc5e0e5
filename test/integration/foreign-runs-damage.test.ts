import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readForeignRuns } from "@reprise/importers";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const archive = fileURLToPath(new URL("../golden/imports/sources.tar.gz", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-damage-"));
  execFileSync("tar", ["-xzf", archive, "-C", folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
/** A copy of a source that a test may damage. */
function copyOf(source: string): string {
  const copy = join(folder, `copy-${made++}`);
  cpSync(join(folder, source), copy, { recursive: true });
  return copy;
}
const fileIn = (copy: string, pattern: string) => {
  const [file] = globSync(pattern, { cwd: copy, dot: true }).sort();
  if (file === undefined) throw new Error(`${copy} holds no ${pattern}`);
  return file;
};
/** Changes one byte. */
function spoil(path: string, at: number) {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}
const sizeOf = (path: string) => readFileSync(path).length;
const points = ({ metrics }: { metrics: Record<string, { steps: unknown[] }> }) =>
  Object.values(metrics).reduce((sum, { steps }) => sum + steps.length, 0);

describe("W&B's store", () => {
  const whole = async () => (await readForeignRuns(join(folder, "wandb-0.31"))).runs;

  it("that is cut off gives the rows before the cut, and is named", async () => {
    const copy = copyOf("wandb-0.31");
    const file = fileIn(copy, "**/run-wr01.wandb");
    truncateSync(join(copy, file), Math.floor(sizeOf(join(copy, file)) * 0.6));
    const { runs, warnings } = await readForeignRuns(copy);
    const run = runs.find(({ source }) => source.id === "wr01");
    const before = (await whole()).find(({ source }) => source.id === "wr01");
    expect(run).toMatchObject({ status: "running", doubtful: expect.stringContaining("no exit record") });
    expect(points(run ?? { metrics: {} })).toBeLessThan(points(before ?? { metrics: {} }));
    expect(points(run ?? { metrics: {} })).toBeGreaterThan(0);
    expect(warnings).toEqual([{ file, reason: expect.stringContaining("cut off") }]);
  });

  it("with a wrong checksum loses that record only", async () => {
    const copy = copyOf("wandb-0.31");
    const file = fileIn(copy, "**/run-wr01.wandb");
    const at = readFileSync(join(copy, file)).lastIndexOf("train_loss");
    spoil(join(copy, file), at);
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength((await whole()).length);
    expect(runs.find(({ source }) => source.id === "wr01")?.status).toBe("finished");
    expect(warnings).toEqual([{ file, reason: "1 record has a wrong checksum and was left out" }]);
  });

  it("of no bytes is offered as a run of which nothing is known", async () => {
    const copy = copyOf("wandb-0.31");
    const file = fileIn(copy, "**/run-wr01.wandb");
    truncateSync(join(copy, file), 0);
    const { runs, warnings } = await readForeignRuns(copy);
    const run = runs.find(({ source }) => source.id === "wr01");
    expect(run).toMatchObject({ status: "running", metrics: {}, params: {} });
    expect(warnings).toEqual([{ file, reason: expect.stringContaining("is empty") }]);
  });
});

describe("event files", () => {
  it("that are cut off or spoilt give what is whole", async () => {
    const copy = copyOf("tensorboardx-scalars");
    const [cut = "", spoilt = ""] = globSync("**/*tfevents*", { cwd: copy }).sort();
    truncateSync(join(copy, cut), sizeOf(join(copy, cut)) - 10);
    spoil(join(copy, spoilt), readFileSync(join(copy, spoilt)).indexOf("train_loss"));
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength(13);
    expect(warnings).toEqual([
      { file: cut, reason: expect.stringContaining("ends in the middle of an event") },
      { file: spoilt, reason: expect.stringContaining("wrong checksum") },
    ]);
  });
});

describe("databases", () => {
  it("that are cut off give the rows before the cut", async () => {
    const copy = copyOf("mlflow-3-sqlite");
    const path = join(copy, "mlflow.db");
    truncateSync(path, sizeOf(path) - 100 * 4096);
    const { warnings } = await readForeignRuns(copy, { as: "mlflow-sqlite" });
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.every(({ file }) => file === "mlflow.db")).toBe(true);
    expect(warnings[0]?.reason).toContain("cut off");
  });

  it("of twenty gigabytes are read page by page: memory does not grow with the file", async () => {
    const copy = copyOf("mlflow-3-sqlite");
    truncateSync(join(copy, "mlflow.db"), 20 * 2 ** 30);
    const before = process.memoryUsage().rss;
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength(13);
    expect(warnings).toEqual([]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  it("that hold nothing known say so", async () => {
    const copy = join(folder, `copy-${made++}`);
    mkdirSync(copy);
    writeFileSync(join(copy, "huge.db"), "SQLite format 3\0");
    truncateSync(join(copy, "huge.db"), 20 * 2 ** 30);
    await expect(readForeignRuns(copy)).rejects.toThrow(/no runs of it could be read\. huge\.db /);
    await expect(readForeignRuns(copy, { as: "trackio" })).resolves.toMatchObject({
      runs: [],
      warnings: [{ file: "huge.db", reason: expect.stringContaining("page size") }],
    });
  });
});

describe("folders", () => {
  it("with links that lead out are read without them", async () => {
    const copy = copyOf("keras-csv");
    writeFileSync(join(folder, "secret.csv"), "epoch,loss\n0,0.5\n");
    symlinkSync(join(folder, "secret.csv"), join(copy, "z.csv"));
    symlinkSync(folder, join(copy, "outside"));
    symlinkSync(join(folder, "secret.csv"), join(copy, "debug-core.log"));
    symlinkSync(fileIn(copy, "*.log"), join(copy, "again.log"));
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength(13);
    expect(warnings.map(({ file }) => file)).toEqual(["outside", "z.csv"]);
    expect(warnings[0]?.reason).toContain("leads out of the folder");
  });

  it.each([
    ["keras-csv", "keras-csv", "**/*.log", 12],
    ["lightning-csv", "lightning-csv", "**/metrics.csv", 12],
    ["optuna-journal", "optuna-journal", "**/*.log", 0],
    ["mlflow-3-sqlite", "mlflow-sqlite", "**/*.db", 0],
  ] as const)("%s: a file that is empty, or of zeros, is named", async (source, as, pattern, left) => {
    for (const [size, reason] of [
      [0, /is empty/],
      [600, /not text|not a SQLite database/],
    ] as const) {
      const copy = copyOf(source);
      const file = fileIn(copy, pattern);
      writeFileSync(join(copy, file), Buffer.alloc(size));
      const { runs, warnings } = await readForeignRuns(copy, { as });
      expect(runs).toHaveLength(left);
      expect(warnings).toContainEqual({ file, reason: expect.stringMatching(reason) });
    }
  });

  it("with archives in them name these", async () => {
    const copy = copyOf("keras-csv");
    writeFileSync(join(copy, "more.zip"), "PK\u0003\u0004");
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength(13);
    expect(warnings).toEqual([{ file: "more.zip", reason: expect.stringContaining("unpack it") }]);
  });

  it("without anything known say which formats there are", async () => {
    const copy = join(folder, `copy-${made++}`);
    mkdirSync(copy);
    writeFileSync(join(copy, "notes.txt"), "nothing");
    await expect(readForeignRuns(copy)).rejects.toThrow(/known format \(mlflow-file, .*--as FORMAT/);
    await expect(readForeignRuns(join(copy, "absent"))).rejects.toThrow(/there is no such file or folder/);
  });

  it("with JSON and YAML that is cut off name the file and keep the run", async () => {
    const copy = copyOf("sacred");
    truncateSync(join(copy, "1/metrics.json"), 40);
    const { runs, warnings } = await readForeignRuns(copy);
    expect(runs).toHaveLength(13);
    expect(runs.find(({ source }) => source.id === "1")?.params.optimizer).toBe("adam");
    expect(warnings).toEqual([{ file: "1/metrics.json", reason: expect.stringContaining("cut off") }]);
  });
});
