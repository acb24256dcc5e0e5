/**
 * What stands in the way first when a lab grows: a discrete-event simulation of up to 10,000 workers over the real functions of
 * dispatch, claim and end, on a real database that holds the runs of so many. Time of the trainings is simulated; what the database
 * does is done, and takes in the simulation what it took. By itself: `node --import tsx test/bench/capacity.ts`; as part of
 * `npx pnpm bench`.
 */
import { loadavg } from "node:os";
import { dispatcherDefaults } from "@reprise/api";
import {
  type Database,
  heartbeat,
  openLive,
  sendControl,
  takeDispatchable,
  touchWorker,
  writeBatch,
} from "@reprise/database";
import { readWorkerConfig } from "@reprise/worker";
import { createAgenda, createTurn } from "./agenda.js";
import { median, quantile } from "./measures.js";
import { type ServedDatabase, serveDatabase } from "./served-api.js";
import { batchOf, begin, end, queue, study } from "./web-studies.js";

/** `WORKERS=100,1000 SECONDS=20` is for a busy machine. */
const sizes = (process.env.WORKERS ?? "100,1000,10000").split(",").map(Number);
/** Simulated time that is looked at. */
const seconds = Number(process.env.SECONDS ?? 60);
const studies = Number(process.env.STUDIES ?? 20);
/** A training of the field's usual short length, and how often it reports. */
const runSeconds = 600;
const batchSeconds = 10;
const cores = 16;
const { intervalMs, gatherMs, limitPerQueue } = dispatcherDefaults;
/** What a worker does meanwhile, by its own settings. */
const beatSeconds = readWorkerConfig({ DATABASE_URL: "postgres://unused" }).heartbeatMs / 1000;
/** Executions of what is alike every time; the simulation takes their median. */
const samples = 60;

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; s: number }> {
  const began = performance.now();
  const value = await work();
  return { value, s: (performance.now() - began) / 1000 };
}

async function medianOf(work: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < samples; index += 1) times.push((await timed(() => work(index))).s);
  return median(times);
}

type Training = { runId: string; sweepId: string; token: string };

/** A database on which so many runs train, and as many and half as many again wait, in a number of studies. */
async function fill(db: Database, workers: number): Promise<{ running: Training[]; sweepIds: string[] }> {
  const sql = (text: string) => db.prisma.$executeRawUnsafe(text);
  const perStudy = Math.ceil((2.5 * workers) / studies);
  const templates = [];
  for (let n = 0; n < studies; n += 1) templates.push(await queue(db, study(`Study ${n}`, ["adam"], 1, 1)));
  const sweepIds = templates.map(({ id }) => id);
  const [training, waiting] = templates[0]?.runs ?? [];
  if (!training || !waiting) throw new Error("a study has two runs");
  const { token } = await begin(db, training.id);
  const copies = (template: string, from: number, to: number, changes: string) => `
    INSERT INTO runs SELECT x.* FROM generate_series(${from}, ${to}) n, unnest(ARRAY['${sweepIds.join("','")}']::uuid[]) s, runs r,
      jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'sweep_id', s, 'key', 'copy ' || n, 'position', n, 'seed', n${changes})) x
    WHERE r.id = '${template}'`;
  const trainingEach = Math.ceil(workers / studies);
  await sql(copies(training.id, 100, 99 + trainingEach, ""));
  await sql(copies(waiting.id, 100 + trainingEach, 99 + perStudy, ""));
  await sql(`INSERT INTO attempts SELECT x.* FROM runs r, attempts a, jsonb_populate_record(a, jsonb_build_object('run_id', r.id)) x
    WHERE r.status = 'running' AND a.run_id = '${training.id}' AND r.id <> a.run_id`);
  await sql(`INSERT INTO workers (id, name, host, pid, devices, capabilities, left_out, status, last_seen_at)
    SELECT gen_random_uuid(), 'worker ' || n, 'host', n, '[]', '[]', '[]', 'ready', now() FROM generate_series(1, ${workers}) n`);
  await sql("VACUUM ANALYZE");
  const rows = await db.prisma.$queryRaw<Array<{ runId: string; sweepId: string }>>`
    SELECT id AS "runId", sweep_id AS "sweepId" FROM runs WHERE status = 'running' ORDER BY random() LIMIT ${workers}`;
  return { running: rows.map((row) => ({ ...row, token })), sweepIds };
}

/** What a notification costs for each worker that listens, in processor seconds of PostgreSQL. */
async function costOfListener({ url, db, processorTime }: ServedDatabase): Promise<number> {
  const listening = 40;
  const notices = 400;
  const cost = async () => {
    const before = processorTime();
    for (let n = 0; n < notices; n += 1) await sendControl(db, { type: "runs-queued" });
    return (processorTime() - before) / 1000 / notices;
  };
  await cost();
  const without = await cost();
  const listeners = await Promise.all(
    Array.from({ length: listening }, () => openLive({ url, events: false })),
  );
  try {
    return Math.max(0, (await cost()) - without) / listening;
  } finally {
    for (const listener of listeners) await listener.close();
  }
}

type Shares = {
  workers: number;
  perSecond: number;
  waits: { p50: number; p99: number };
  costs: { round: number; begin: number; end: number; beat: number; seen: number; batch: number };
  shares: { name: string; share: number }[];
};

async function simulate(workers: number): Promise<Shares> {
  const served = await serveDatabase();
  const { db } = served;
  try {
    const { running, sweepIds } = await fill(db, workers);
    const refOf = ({ runId, token }: Training) => ({ runId, token, attempt: 1 });
    const some = (index: number) => running[index % running.length] as Training;
    const workerIds = await db.prisma.worker.findMany({ select: { id: true }, take: samples });
    const beat = await medianOf((index) => heartbeat(db, refOf(some(index)), 600_000));
    const seen = await medianOf((index) => touchWorker(db, workerIds[index % workerIds.length]?.id ?? ""));
    const batch = await medianOf((index) => writeBatch(db, refOf(some(index)), batchOf(index, 0, 1, 10)));
    const listener = await costOfListener(served);

    /** Seconds that PostgreSQL works, on all its cores together: they are counted, nobody waits for one. */
    let worked = 0;
    const dispatcher = createTurn();
    const locks = new Map(sweepIds.map((id) => [id, createTurn()]));
    type Event = { kind: "round" } | { kind: "end"; training: Training } | { kind: "others" };
    const agenda = createAgenda<Event>();
    for (const training of running) agenda.add(Math.random() * runSeconds, { kind: "end", training });
    agenda.add(0, { kind: "round" });
    agenda.add(0, { kind: "others" });
    const idle: number[] = [];
    const jobs: string[] = [];
    const waits: number[] = [];
    const times = { round: [] as number[], begin: [] as number[], end: [] as number[] };
    let began = 0;

    /** Under the lock of a study; a notification of it reaches every worker. */
    const locked = (at: number, sweepId: string, s: number): number => {
      worked += s + workers * listener;
      return locks.get(sweepId)?.use(at, s) ?? at + s;
    };
    const start = async (at: number, idleSince: number): Promise<void> => {
      const runId = jobs.shift();
      if (runId === undefined) return;
      const { value, s } = await timed(() => begin(db, runId));
      const row = await db.prisma.run.findUniqueOrThrow({ where: { id: runId }, select: { sweepId: true } });
      times.begin.push(s);
      const sweepId = row.sweepId ?? "";
      const until = locked(at, sweepId, s);
      waits.push(until - idleSince);
      began += 1;
      const training = { runId, sweepId, token: value.token };
      agenda.add(until + runSeconds * (0.5 + Math.random()), { kind: "end", training });
    };

    for (;;) {
      const next = agenda.take();
      if (!next || next.at > seconds) break;
      const { at, event } = next;
      if (event.kind === "round") {
        const { value, s } = await timed(() => takeDispatchable(db, { limitPerQueue }));
        times.round.push(s);
        const until = dispatcher.use(at, s);
        worked += s;
        for (const { runId } of value) jobs.push(runId);
        while (idle.length > 0 && jobs.length > 0) await start(until, idle.shift() ?? until);
        // What ends wakes it soon; with so many workers something has ended by then, else at the next interval.
        const pauseMs = workers / runSeconds > 1 ? gatherMs : intervalMs;
        agenda.add(until + pauseMs / 1000, { kind: "round" });
      } else if (event.kind === "end") {
        const { s } = await timed(() => end(db, refOf(event.training), 0, "deterministic"));
        times.end.push(s);
        const until = locked(at, event.training.sweepId, s);
        if (jobs.length > 0) await start(until, until);
        else idle.push(until);
      } else {
        // Alike in every second: leases, workers, batches of metrics.
        worked += workers * ((beat + seen) / beatSeconds + batch / batchSeconds);
        agenda.add(at + 1, { kind: "others" });
      }
    }
    return {
      workers,
      perSecond: began / seconds,
      waits: { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) },
      costs: {
        round: median(times.round),
        begin: median(times.begin),
        end: median(times.end),
        beat,
        seen,
        batch,
      },
      shares: [
        { name: `PostgreSQL, ${cores} cores`, share: worked / (seconds * cores) },
        {
          name: "the lock of the busiest study",
          share: Math.max(...[...locks.values()].map((lock) => lock.busy() / seconds)),
        },
        { name: "the dispatcher", share: dispatcher.busy() / seconds },
        {
          name: `of PostgreSQL: notifications to ${workers} listeners`,
          share: (2 * began * workers * listener) / (seconds * cores),
        },
      ],
    };
  } finally {
    await served.stop();
  }
}

const ms = (s: number) => (1000 * s).toFixed(1);
const results: Shares[] = [];
for (const size of sizes) results.push(await simulate(size));
console.log(`
Workers of runs of ${runSeconds / 60} minutes in ${studies} studies, ${seconds} simulated seconds, load ${loadavg()[0]?.toFixed(1)}; milliseconds

| workers | runs begun a second | idle between two runs, p50, p99 | a round | a begin | an end | a lease | a worker seen | a batch of 60 points |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${results
  .map(
    ({ workers, perSecond, waits, costs }) =>
      `| ${workers.toLocaleString("en")} | ${perSecond.toFixed(1)} | ${ms(waits.p50)}, ${ms(waits.p99)} | ${[costs.round, costs.begin, costs.end, costs.beat, costs.seen, costs.batch].map(ms).join(" | ")} |`,
  )
  .join("\n")}

| share that is busy | ${results.map(({ workers }) => `${workers.toLocaleString("en")} workers`).join(" | ")} |
|---|${results.map(() => "---:|").join("")}
${(results[0]?.shares ?? [])
  .map(
    ({ name }, row) =>
      `| ${name.replace(/ to \d+ listeners/, " to all workers")} | ${results.map(({ shares }) => `${(100 * (shares[row]?.share ?? 0)).toFixed(1)} %`).join(" | ")} |`,
  )
  .join("\n")}`);
