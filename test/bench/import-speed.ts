/**
 * How long reading many runs of another tracker takes, and how much memory: MLflow's SQLite or W&B's offline folders of 10,000
 * runs with 5 metrics of 200 steps each, made by this program.
 *
 *     node --import tsx test/bench/import-speed.ts make mlflow|wandb FOLDER [RUNS]
 *     node --import tsx test/bench/import-speed.ts read FOLDER
 *     node --import tsx test/bench/import-speed.ts import FOLDER
 *
 * `read` reads and proposes, in this process. `import` starts a server on a database of its own, has `reprise import FOLDER --yes` bring
 * all of it there, and checks runs, arms and points of what was written.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import type { Page, Run } from "@reprise/contracts";
import { readForeignRuns } from "@reprise/importers";
import { factsOf, inferDesign } from "@reprise/study";
import { apiAt } from "../support/api.js";
import { dataFolder, processTree, reprise, startReprise } from "../support/start-reprise.js";

const metrics = ["train_loss", "val_loss", "val_acc", "val_auc", "grad_norm"];
const steps = 200;

/** Of run number `r`, as both programs log it. */
const optimizerOf = (r: number) => (r % 2 ? "adam" : "sgd");
const isDeterministic = (r: number) => r % 4 < 2;
const seedOf = (r: number) => Math.floor(r / 4) % 100;

/** MLflow's tables, filled by Python's own SQLite. */
const mlflowProgram = `
import random, sqlite3, sys
path, runs = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(path)
db.executescript('''PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-600000;
CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256), lifecycle_stage VARCHAR(32), CONSTRAINT experiment_pk PRIMARY KEY (experiment_id));
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), status VARCHAR(9), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL, CONSTRAINT param_pk PRIMARY KEY (key, run_uuid));
CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, CONSTRAINT tag_pk PRIMARY KEY (key, run_uuid));
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL, CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
INSERT INTO experiments VALUES (1, 'many', 'active');''')
draw = random.Random(1)
def rows():
    for r in range(runs):
        for s in range(${steps}):
            for key in ${JSON.stringify(metrics)}:
                yield key, draw.random(), 1790000000000 + 1000 * s + r, f"{r:032x}", s, 0
for r in range(runs):
    u = f"{r:032x}"
    db.execute("INSERT INTO runs VALUES (?,?,?,?,?,?,1)", (u, f"run-{r}", "FINISHED", 1790000000000 + r, 1790000300000 + r, "active"))
    db.executemany("INSERT INTO params VALUES (?,?,?)", [(k, v, u) for k, v in (("optimizer", "adam" if r % 2 else "sgd"), ("deterministic", "True" if r % 4 < 2 else "False"), ("seed", str(r // 4 % 100)), ("lr", "0.01"))])
db.executemany("INSERT INTO metrics VALUES (?,?,?,?,?,?)", rows())
db.commit()
`;

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const bytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
const numberField = (field: number, value: number) => Buffer.from([...varint(field * 8), ...varint(value)]);
const item = (key: string, json: string) =>
  Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(16, Buffer.from(json))]);

/** W&B's store of these records: LevelDB's framing with plain CRC-32. */
function store(records: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from(":W&B\u00e1\u00be\0", "latin1")];
  let at = 7;
  const frame = (kind: number, content: Buffer) => {
    const head = Buffer.alloc(7);
    head.writeUInt16LE(content.length, 4);
    head[6] = kind;
    head.writeUInt32LE(crc32(content, crc32(head.subarray(6))), 0);
    parts.push(head, content);
    at += 7 + content.length;
  };
  for (const record of records) {
    let rest = record;
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      const left = 32_768 - (at % 32_768);
      if (left < 7) {
        parts.push(Buffer.alloc(left));
        at += left;
      }
      const room = 32_768 - (at % 32_768) - 7;
      const piece = rest.subarray(0, room);
      rest = rest.subarray(room);
      frame(isFirst ? (rest.length === 0 ? 1 : 2) : rest.length === 0 ? 4 : 3, piece);
    }
  }
  return Buffer.concat(parts);
}

function makeWandb(folder: string, runs: number) {
  let state = 1;
  const draw = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let r = 0; r < runs; r += 1) {
    const id = `r${r.toString(36).padStart(6, "0")}`;
    const config = [
      ["optimizer", `"${optimizerOf(r)}"`],
      ["deterministic", String(isDeterministic(r))],
      ["seed", String(seedOf(r))],
      ["lr", "0.01"],
    ] as const;
    const started = Buffer.concat([numberField(1, 1_790_000_000 + r), numberField(2, 0)]);
    const run = Buffer.concat([
      bytesField(1, Buffer.from(id)),
      bytesField(4, Buffer.concat(config.map(([key, json]) => bytesField(1, item(key, json))))),
      bytesField(8, Buffer.from(`run-${r}`)),
      bytesField(17, started),
    ]);
    const rows = Array.from({ length: steps }, (_, step) =>
      bytesField(
        2,
        Buffer.concat([
          ...metrics.map((name) => bytesField(1, item(name, String(draw())))),
          bytesField(1, item("_timestamp", String(1_790_000_000 + r + step / 3))),
          bytesField(1, item("_runtime", String(step / 3))),
          bytesField(1, item("_step", String(step))),
          bytesField(2, numberField(1, step)),
        ]),
      ),
    );
    const place = join(folder, `offline-run-20260921_100000-${id}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, `run-${id}.wandb`),
      store([bytesField(17, run), ...rows, bytesField(18, Buffer.alloc(0))]),
    );
  }
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** The greatest memory that a process has held so far, in MB; 0 where it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Seconds of processor that a process has used so far; 0 where it has ended. */
function processorOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** Keeps the greatest figure of each process of a tree while something runs. */
function watched(root: number) {
  const seen = new Map<number, { what: string; peak: number; processor: number }>();
  const look = () => {
    for (const { pid, command } of processTree(root)) {
      const known = seen.get(pid);
      const what = /postgres/.test(command)
        ? "postgres"
        : (/ (api|worker|start|import)( |$)/.exec(command)?.[1] ?? command.slice(0, 40));
      seen.set(pid, {
        what,
        peak: Math.max(known?.peak ?? 0, peakOf(pid)),
        processor: Math.max(known?.processor ?? 0, processorOf(pid)),
      });
    }
  };
  const timer = setInterval(look, 250);
  return () => {
    look();
    clearInterval(timer);
    const rows = [...seen.values()];
    return [...new Set(rows.map(({ what }) => what))].map((what) => {
      const own = rows.filter((row) => row.what === what);
      const processor = own.reduce((sum, row) => sum + row.processor, 0);
      return `${what} ${Math.max(...own.map(({ peak }) => peak)).toFixed(0)} MB, ${processor.toFixed(1)} s`;
    });
  };
}

async function importInto(folder: string): Promise<void> {
  const data = dataFolder();
  const server = await startReprise(["--data", data.path]);
  try {
    const began = performance.now();
    const serverFigures = watched(server.process.pid ?? 0);
    const client = reprise(["import", folder, "--yes", "--json"], { REPRISE_URL: server.url });
    const clientFigures = watched(client.process.pid ?? 0);
    const [code] = await once(client.process, "close");
    const took = performance.now() - began;
    if (code !== 0) throw new Error(`reprise import ended with ${code}:\n${client.printed().slice(-2000)}`);
    console.log(`imported in ${seconds(took)} s; ${[...clientFigures(), ...serverFigures()].join("; ")}`);
    const api = apiAt(server.url);
    const [study] = (await api.sweeps()).items;
    if (!study) throw new Error("there is no study");
    let wrong = 0;
    let runs = 0;
    let points = 0;
    for (let cursor: string | null = ""; cursor !== null; ) {
      const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<Run> = await api.call(`/runs?sweepId=${study.id}&limit=1000${more}`);
      for (const run of page.items) {
        const index = Number(run.origin?.name.slice("run-".length));
        const isRight =
          run.arm === (isDeterministic(index) ? "det" : "free") &&
          run.seed === seedOf(index) &&
          run.params.optimizer === optimizerOf(index);
        runs += 1;
        if (!isRight) wrong += 1;
        points += Object.values(run.summary).reduce((sum, { count }) => sum + count, 0);
      }
      cursor = page.nextCursor;
    }
    console.log(
      `${runs} runs, ${points} points; ${wrong === 0 ? "arm, seed and optimizer of every run as they were logged" : `${wrong} runs with another arm, seed or optimizer than was logged`}`,
    );
    if (wrong > 0) process.exitCode = 1;
  } finally {
    await server.stop();
    data.remove();
  }
}

const [command, ...words] = process.argv.slice(2);
if (command === "make") {
  const [kind, folder = "many", runs = "10000"] = words;
  mkdirSync(folder, { recursive: true });
  if (kind === "wandb") makeWandb(folder, Number(runs));
  else execFileSync("python3", ["-c", mlflowProgram, join(folder, "mlflow.db"), runs], { stdio: "inherit" });
} else if (command === "import") {
  await importInto(resolve(words[0] ?? "many"));
} else {
  const [folder = "many"] = words;
  const began = performance.now();
  const before = process.cpuUsage();
  const read = await readForeignRuns(folder);
  const readAt = performance.now();
  const { proposal } = inferDesign({ ...read, runs: read.runs.map(factsOf) });
  const points = read.runs.reduce(
    (sum, run) => sum + Object.values(run.metrics).reduce((all, { steps: own }) => all + own.length, 0),
    0,
  );
  const { user, system } = process.cpuUsage(before);
  const { maxRSS } = process.resourceUsage();
  console.log(
    `${read.format}: ${read.runs.length} runs, ${points} points; read in ${seconds(readAt - began)} s, proposed in ${seconds(performance.now() - readAt)} s (seed ${proposal.seed}); ${seconds((user + system) / 1000)} s of processor, at most ${Math.round(maxRSS / 1024)} MB`,
  );
}
