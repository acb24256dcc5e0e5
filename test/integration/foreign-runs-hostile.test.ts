import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import { readForeignRuns, UnreadableSource } from "@reprise/importers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

let root: string;
let made = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "reprise-hostile-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with these files. */
function folderWith(files: Record<string, string | Buffer>): string {
  const folder = join(root, String(made++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}
const field = (number: number, content: Buffer | string) =>
  Buffer.concat([varint(number * 8 + 2), varint(Buffer.byteLength(content)), Buffer.from(content)]);

describe("W&B's store", () => {
  /** A store of records that fit its first block. */
  const store = (...records: Buffer[]) =>
    Buffer.concat([
      Buffer.from(":W&B\xe1\xbe\0", "latin1"),
      ...records.flatMap((record) => {
        const head = Buffer.alloc(7);
        head.writeUInt32LE(crc32(Buffer.concat([Buffer.from([1]), record])), 0);
        head.writeUInt16LE(record.length, 4);
        head[6] = 1;
        return [head, record];
      }),
    ]);
  const item = (path: string[], json: string) =>
    field(1, Buffer.concat([...path.map((part) => field(2, part)), field(16, json)]));
  const run = field(17, field(1, "x"));
  const read = (...records: Buffer[]) =>
    readForeignRuns(folderWith({ "run-x.wandb": store(run, ...records) }));

  it("changes nothing that all objects have", async () => {
    const { runs, warnings } = await read(
      field(5, item(["__proto__", "polluted"], '"yes"')),
      field(5, item(["constructor", "prototype", "polluted"], '"yes"')),
      field(5, item(["lr"], "0.5")),
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(runs).toMatchObject([{ params: { lr: 0.5 } }]);
    expect(warnings).toEqual([
      { file: "run-x.wandb", reason: expect.stringMatching(/^sets __proto__\.polluted to what .*__proto__/) },
    ]);
  });

  it("keeps what was set before what cannot be read, and says so", async () => {
    const { runs, warnings } = await read(
      field(5, item(["aug", "policy"], '"v1"')),
      field(5, item(["aug", "policy"], nested(150))),
      field(3, item(["best"], "0.5")),
      field(3, item(["best"], nested(150))),
    );
    expect(runs).toMatchObject([{ params: { "aug.policy": "v1" }, summary: { best: 0.5 } }]);
    expect(warnings).toEqual([
      { file: "run-x.wandb", reason: expect.stringMatching(/^sets aug\.policy, best to what nests deeper/) },
    ]);
  });

  it.each([
    ["a row", 2],
    ["a summary", 3],
    ["settings", 5],
  ])("is read but for %s that nests without end", async (_, kind) => {
    const { runs } = await read(
      field(kind, item(["a", "b"], nested(3_000))),
      field(2, item(["loss"], "0.5")),
    );
    expect(runs).toMatchObject([{ source: { id: "x" }, metrics: { loss: { values: [0.5] } } }]);
  });
});

describe("documents that would cost more than their length", () => {
  it.each([
    ["brackets", `x: ${"[".repeat(3_000)}`, /^nests deeper than 100 levels/],
    ["length", `x: 1 #${"x".repeat(4_000_000)}`, /^has 4000006 characters; .* up to 4000000 are read: move /],
  ])("YAML: %s", async (_, text, reason) => {
    const folder = folderWith({ "metrics.csv": "step,a\n1,2\n", "hparams.yaml": text });
    const { runs, warnings } = await readForeignRuns(folder);
    expect(runs).toMatchObject([{ metrics: { a: { values: [2] } } }]);
    expect(warnings).toEqual([{ file: "hparams.yaml", reason: expect.stringMatching(reason) }]);
  });

  it.each([
    [
      "Trainer",
      "trainer_state.json",
      `{"log_history":[{"step":1,"loss":2}],"trial_params":${nested(20_000)}}`,
    ],
    ["Sacred", "config.json", `{"lr":0.5,"tree":${nested(20_000)}}`],
    [
      "Optuna",
      "study.log",
      `{"op_code":0,"study_name":"s"}\n{"op_code":4,"study_id":0,"params":{},"state":1,"user_attrs":{"tree":${nested(20_000)}}}\n`,
    ],
  ])("JSON of %s is read but for what nests without end", async (_, file, text) => {
    const more: Record<string, string> =
      file === "config.json" ? { "run.json": '{"experiment":{},"status":"COMPLETED"}' } : {};
    const { runs, warnings } = await readForeignRuns(folderWith({ [file]: text, ...more }));
    expect(runs).toHaveLength(1);
    expect(warnings).toEqual([
      { file, reason: expect.stringMatching(/^nests deeper than 100 levels in .*(trial_params|tree)/) },
    ]);
  });

  it("JSON that nests without end is named", async () => {
    const state = `{"log_history":[{"step":1,"loss":2}],"trial_params":${nested(20_000)}}`;
    const { warnings } = await readForeignRuns(folderWith({ "trainer_state.json": state }));
    expect(warnings).toMatchObject([{ file: "trainer_state.json" }]);
  });

  it("a table of more columns than are read is named", async () => {
    const line = `step,${Array.from({ length: 60_000 }, (_, at) => `c${at}`).join(",")}\n`;
    const { warnings } = await readForeignRuns(folderWith({ "metrics.csv": line }), { as: "lightning-csv" });
    expect(warnings).toEqual([{ file: "metrics.csv", reason: expect.stringContaining("50000 columns") }]);
  });

  /** Millions of characters. */
  const size = 60;
  const rowOf = (cell: string, cells: number) => `${cell.repeat(cells)}\n`;
  const rowsOf = (row: string) => row.repeat(Math.floor((size * 1_000_000) / row.length));
  const wide = `step,${Array.from({ length: 39_999 }, (_, at) => `c${at}`).join(",")}\n`;
  it.each([
    ["in one row", () => `step,a\n${",".repeat(size * 1_000_000)}`, /has a row of more than 4 MB/],
    ["in its head", () => `step${",".repeat(size * 1_000_000)}`, /has a row of more than 4 MB/],
    ["in rows of more cells than are read", () => `step,a\n${rowsOf(rowOf(",", 60_000))}`, /50000 cells/],
    ["in rows as long as its head", () => wide + rowsOf(rowOf(",", 40_000)), /50000000 cells/],
    ["in rows of quoted cells", () => `step,a\n${rowsOf(rowOf('"",', 1_000))}`, /^$/],
    ["in empty lines", () => `step,a\n${rowsOf("\n")}`, /50000000 cells/],
    ["after an open quote", () => `step,a\n1,"${rowsOf(rowOf(",", 1_000))}`, /4 MB/],
    ["after a quote in a cell", () => `step,a\n1,2"\n${rowsOf(rowOf(",", 1_000))}`, /quote in the middle/],
  ])(
    "a table of 60 MB of separators %s costs seconds, and is named where it is not read",
    async (_, text, reason) => {
      const folder = folderWith({ "metrics.csv": text() });
      const before = process.cpuUsage();
      const { runs, warnings } = await readForeignRuns(folder, { as: "lightning-csv" });
      const { user, system } = process.cpuUsage(before);
      console.log(_, (user + system) / 1e6, runs.length, warnings, process.memoryUsage().rss / 1e6);
      expect((user + system) / 1e6).toBeLessThan(6);
      expect(warnings.map((warning) => warning.reason).join()).toMatch(reason);
    },
  );

  it("a packed file that becomes too much is named, with the way out", async () => {
    const zeros = Buffer.alloc(2 ** 20);
    zeros.write("SQLite format 3\0");
    const folder = folderWith({ "runs.db.gz": gzipSync(zeros) });
    await expect(readForeignRuns(folder, { limits: { unpackedBytes: 2 ** 19 } })).rejects.toThrow(
      /: no runs of it could be read\. runs\.db\.gz unpacks to more than 1 MB, .*: unpack it first/,
    );
  });

  it("a disk that takes nothing is not the files' fault", async () => {
    const zeros = Buffer.alloc(2 ** 10);
    zeros.write("SQLite format 3\0");
    const folder = folderWith({ "runs.db.gz": gzipSync(zeros) });
    vi.stubEnv("TMPDIR", join(folder, "absent"));
    const fault = await readForeignRuns(folder).catch((error: unknown) => error);
    vi.unstubAllEnvs();
    expect(fault).toMatchObject({ code: "ENOENT" });
    expect(fault).not.toBeInstanceOf(UnreadableSource);
  });
});

describe("a database", () => {
  const size = 512;
  /** A page of a tree that leads to others (kind 5), or of cells (kind 13). */
  function page(kind: 5 | 13, cells: readonly Buffer[], last = 0, head = 0): Buffer {
    const bytes = Buffer.alloc(size);
    bytes[head] = kind;
    bytes.writeUInt16BE(cells.length, head + 3);
    if (kind === 5) bytes.writeUInt32BE(last, head + 8);
    let at = size;
    for (const [index, cell] of cells.entries()) {
      at -= cell.length;
      cell.copy(bytes, at);
      bytes.writeUInt16BE(at, head + (kind === 5 ? 12 : 8) + 2 * index);
    }
    return bytes;
  }
  const big = (value: number): Buffer =>
    value < 128
      ? Buffer.from([value])
      : Buffer.concat([
          ...[4, 3, 2, 1]
            .filter((place) => value >= 128 ** place)
            .map((place) => Buffer.from([(Math.floor(value / 128 ** place) % 128) | 128])),
          Buffer.from([value % 128]),
        ]);
  /** The row of the list of tables. */
  function listed(name: string, root: number, sql: string): Buffer {
    const text = (value: string) => 13 + 2 * value.length;
    const serials = Buffer.concat([
      ...["table", name, name].map((value) => big(text(value))),
      big(1),
      big(text(sql)),
    ]);
    const record = Buffer.concat([
      big(serials.length + 1),
      serials,
      Buffer.from(`table${name}${name}`),
      Buffer.from([root]),
      Buffer.from(sql),
    ]);
    return Buffer.concat([big(record.length), Buffer.from([1]), record]);
  }
  const child = (number: number) => Buffer.from([0, 0, 0, number, 1]);
  /** A database of Trackio with a table of metrics at page 2. */
  function database(...pages: Buffer[]): Buffer {
    const first = page(
      13,
      [listed("metrics", 2, "create table metrics(a)"), listed("configs", 2, "create table configs(a)")],
      0,
      100,
    );
    first.write("SQLite format 3\0");
    first.writeUInt16BE(size, 16);
    return Buffer.concat([first, ...pages]);
  }
  const read = (bytes: Buffer, more: Record<string, string> = {}) =>
    readForeignRuns(folderWith({ "t.db": bytes, ...more }), { as: "trackio" });

  it("whose pages each lead twice to the next is not walked through every way", async () => {
    const levels = Array.from({ length: 30 }, (_, at) => page(5, [child(at + 3)], at + 3));
    const { warnings } = await read(database(...levels, page(13, [])));
    expect(warnings).toMatchObject([
      { file: "t.db", reason: expect.stringContaining("lead back to each other") },
      { file: "t.db", reason: expect.stringContaining("lead back to each other") },
    ]);
  });

  it("that is packed is read where most of it is zeros", async () => {
    const cleared = Buffer.alloc(70 * 2 ** 20);
    database(page(13, [])).copy(cleared);
    const packed = gzipSync(cleared, { level: 1 });
    expect(packed.length).toBeLessThan(cleared.length / 100);
    await expect(readForeignRuns(folderWith({ "t.db.gz": packed }))).resolves.toMatchObject({
      format: "trackio",
      warnings: [],
    });
  });

  it("whose row continues in itself, or is longer than the file, is not followed round", async () => {
    const cell = (payload: number) =>
      Buffer.concat([big(payload), Buffer.from([1, 2, 1]), Buffer.alloc(200), Buffer.from([0, 0, 0, 3])]);
    const least = 41;
    // Of a row of n pages and what stands in its own, the bytes there are known.
    const round = Buffer.alloc(size);
    round.writeUInt32BE(3);
    const row = (payload: number) =>
      Buffer.concat([
        big(payload),
        Buffer.from([1]),
        Buffer.from([2, 1]),
        Buffer.alloc(least - 2),
        Buffer.from([0, 0, 0, 3]),
      ]);
    const [first] = (await read(database(page(13, [row(least + 2 * (size - 4))]), round))).warnings;
    expect(first?.reason).toMatch(/rows that continue in one and the same page; rows before that were read/);
    const [second] = (await read(database(page(13, [cell(100_000)]), round))).warnings;
    expect(second?.reason).toMatch(/has a row of 100000 bytes, more than the 1536 of the whole file/);
  });

  it("whose rows all lie at one place is not read as often", async () => {
    const cell = Buffer.concat([big(400), Buffer.from([1, 2, 1]), Buffer.alloc(398)]);
    const leaf = page(13, [cell]);
    leaf.writeUInt16BE(20, 3);
    for (let index = 1; index < 20; index += 1) leaf.writeUInt16BE(leaf.readUInt16BE(8), 8 + 2 * index);
    const { warnings } = await read(database(leaf));
    expect(warnings[0]?.reason).toContain("page 2 whose rows lie on one another");
  });

  it("is given no memory for a row that is longer than any", async () => {
    const cell = Buffer.concat([big(3_000_000_000), Buffer.alloc(300)]);
    const { warnings } = await read(database(page(13, [cell])));
    expect(warnings[0]?.reason).toMatch(/has a row of 3000000000 bytes; up to 268435456 are read/);
  });

  it("is read without a log beside it that is a link", async () => {
    const folder = folderWith({ "t.db": database(page(13, [])) });
    symlinkSync("/dev/zero", join(folder, "t.db-wal"));
    await expect(readForeignRuns(folder, { as: "trackio" })).resolves.toMatchObject({ runs: [] });
  });
});

it("what is neither a file nor a folder is not waited for", async () => {
  await expect(readForeignRuns("/dev/null")).rejects.toThrow("/dev/null is neither a file nor a folder");
});
