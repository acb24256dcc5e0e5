import type { ControlMessage, LiveEvent } from "@reprise/contracts";
import {
  type AddressedLiveEvent,
  cancelSweep,
  connectDatabase,
  type DatabasePool,
  eventsAfter,
  finishAttempt,
  type Live,
  openLive,
  pruneLiveEvents,
  sendControl,
  writeBatch,
} from "@reprise/database";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  batchOf,
  claim,
  eventually,
  newSweep,
  runIds,
  stretch,
  succeeded,
} from "../support/database-fixtures.js";
import { testDatabase } from "../support/postgres.js";

let db: DatabasePool;
let live: Live;
let url: string;
let drop: () => Promise<void>;
let events: AddressedLiveEvent[];
let errors: string[];
beforeEach(async () => {
  const database = await testDatabase();
  url = database.url;
  drop = database.drop;
  db = connectDatabase({ url: database.url });
  errors = [];
  live = await openLive({ url: database.url, onError: (error) => errors.push(error.message) });
  events = [];
  live.onEvent((event) => events.push(event));
});
afterEach(async () => {
  await live.close();
  await db.close();
  await drop();
});

const types = (list: ReadonlyArray<{ event: LiveEvent }>) => list.map(({ event }) => event.type);

test("every change of a run is told, in order, to listeners and in the table", async () => {
  const sweep = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, sweep.id);
  const ref = await claim(db, runId);
  await writeBatch(
    db,
    ref,
    batchOf(0, {
      metrics: [stretch("loss", 1, [3, 2])],
      logs: [{ stream: "stdout", at: new Date(), text: "hello" }],
      progress: { done: 1, total: 2, unit: "epoch" },
    }),
  );
  await finishAttempt(db, ref, succeeded());
  const expected = ["sweep", "run", "sweep", "metrics", "logs", "run", "sweep"];
  await eventually(() => types(events)).toEqual(expected);
  expect(events[3]?.event).toEqual({
    type: "metrics",
    sweepId: sweep.id,
    runId,
    keys: ["loss"],
    lastStep: 2,
    progress: { done: 1, total: 2, unit: "epoch" },
  });
  expect(events.at(-1)?.event).toMatchObject({ status: "succeeded", runCounts: { succeeded: 1 } });
  const stored = await eventsAfter(db, { after: "0", limit: 100 });
  expect(stored).toEqual(events.map(({ id, event }) => ({ id, event })));
  expect(types(await eventsAfter(db, { runId, after: "0", limit: 100 }))).toEqual([
    "run",
    "metrics",
    "logs",
    "run",
  ]);
  expect(await eventsAfter(db, { sweepId: sweep.id, after: stored[4]?.id ?? "", limit: 1 })).toEqual([
    stored[5],
  ]);
});

test("numbers become visible in ascending order, however many write at a time", async () => {
  const sweep = await newSweep(db, 12);
  const refs = await Promise.all((await runIds(db, sweep.id)).map((id) => claim(db, id)));
  const other = connectDatabase({ url: db.url, maxConnections: 1 });
  const seen: bigint[] = [];
  let writing = true;
  const reader = (async () => {
    let after = "0";
    while (writing) {
      const page = await eventsAfter(other, { after, limit: 1_000 });
      seen.push(...page.map((event) => BigInt(event.id)));
      after = page.at(-1)?.id ?? after;
    }
    seen.push(...(await eventsAfter(other, { after, limit: 1_000 })).map((event) => BigInt(event.id)));
  })();
  await Promise.all(
    refs.map(async (ref) => {
      for (let batch = 0; batch < 5; batch++) {
        await writeBatch(db, ref, batchOf(batch, { metrics: [stretch("loss", batch, [batch])] }));
      }
    }),
  );
  writing = false;
  await reader;
  await other.close();
  const all = await eventsAfter(db, { after: "0", limit: 1_000 });
  expect(seen).toEqual(all.map((event) => BigInt(event.id)));
  await eventually(() => events.map((event) => event.id)).toEqual(all.map((event) => event.id));
});

test("nothing is told of a change that was not made", async () => {
  const sweep = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, sweep.id);
  const ref = await claim(db, runId);
  await eventually(() => events.length).toBe(3);
  await expect(writeBatch(db, ref, batchOf(5, { metrics: [stretch("loss", 0, [1])] }))).rejects.toThrow(
    "Batch 5",
  );
  await writeBatch(db, ref, batchOf(0, { metrics: [stretch("kept", 0, [1])] }));
  await eventually(() => events.length).toBe(4);
  expect(events[3]?.event).toMatchObject({ keys: ["kept"] });
});

test("what was missed while the connection was lost is delivered after it, in order and once", async () => {
  await newSweep(db, 1);
  await eventually(() => events.length).toBe(1);
  const sweep = await newSweep(db, 3);
  await db.prisma.$queryRaw`
    SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
    WHERE application_name = 'reprise-live' AND datname = current_database()`;
  const runs = await runIds(db, sweep.id);
  for (const id of runs) await claim(db, id);
  const all = await eventsAfter(db, { after: "0", limit: 100 });
  await eventually(() => events.map((event) => event.id)).toEqual(all.map((event) => event.id));
  expect(errors).toHaveLength(1);
  await newSweep(db, 1);
  await eventually(() => events.length).toBe(all.length + 1);
});

test("an event too long for a notification is read from the table, without overtaking", async () => {
  const sweep = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, sweep.id);
  const ref = await claim(db, runId);
  const metrics = Array.from({ length: 300 }, (_, index) => stretch(`${"long".repeat(15)}${index}`, 0, [1]));
  await writeBatch(db, ref, batchOf(0, { metrics }));
  await finishAttempt(db, ref, succeeded());
  await eventually(() => types(events)).toEqual(["sweep", "run", "sweep", "metrics", "run", "sweep"]);
  expect(events[3]?.event).toMatchObject({ keys: { length: 300 } });
});

test("control messages reach every listener; cancelling tells the workers", async () => {
  const messages: ControlMessage[] = [];
  const stop = live.onControl((message) => messages.push(message));
  const told: string[] = [];
  const worker = await openLive({ url, events: false });
  worker.onControl(({ type }) => told.push(type));
  worker.onEvent(({ event }) => told.push(event.type));
  const sweep = await newSweep(db, 2);
  const [runId = ""] = await runIds(db, sweep.id);
  await claim(db, runId);
  await cancelSweep(db, sweep.id);
  await sendControl(db, { type: "worker-steered", workerId: runId });
  const expected = [
    { type: "runs-queued" },
    { type: "cancel-run", runId },
    { type: "worker-steered", workerId: runId },
  ];
  await eventually(() => messages).toEqual(expected);
  stop();
  await sendControl(db, { type: "runs-queued" });
  await newSweep(db, 1);
  await eventually(() => events.at(-1)?.event.type).toBe("sweep");
  expect(messages).toEqual(expected);
  // Who wants no events gets the messages alone.
  await sendControl(db, { type: "reserved-work" });
  await eventually(() => told.at(-1)).toBe("reserved-work");
  expect(told).toEqual([
    "runs-queued",
    "cancel-run",
    "worker-steered",
    "runs-queued",
    "runs-queued",
    "reserved-work",
  ]);
  await worker.close();
});

test("what only a later release says in control messages is passed over; what is none is reported", async () => {
  const told: string[] = [];
  live.onControl(({ type }) => told.push(type));
  const send = (message: string) => db.prisma.$executeRaw`SELECT pg_notify('reprise_control', ${message})`;
  await send('{"type":"of-a-later-release","runId":7}');
  await send('{"type":"runs-queued","ofALaterRelease":7}');
  await eventually(() => told).toEqual(["runs-queued"]);
  expect(errors).toEqual([]);
  await send('{"type":"cancel-run"}');
  await eventually(() => errors).toEqual([expect.stringContaining("runId")]);
});

test("a listener that throws is reported and does not keep the others from hearing", async () => {
  const heard: string[] = [];
  live.onEvent(() => {
    throw new Error("deaf");
  });
  live.onEvent((event) => heard.push(event.id));
  await newSweep(db, 1);
  await eventually(() => heard).toHaveLength(1);
  expect(errors).toEqual(["deaf"]);
});

test("old events are pruned", async () => {
  await newSweep(db, 1);
  expect(await pruneLiveEvents(db, 60_000)).toBe(0);
  expect(await pruneLiveEvents(db, -60_000)).toBe(1);
  expect(await eventsAfter(db, { after: "0", limit: 10 })).toEqual([]);
});
