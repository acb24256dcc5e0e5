import { setTimeout as pause } from "node:timers/promises";
import type { NumberedLiveEvent } from "@reprise/contracts";
import { type Database, type EventScope, eventsAfter, type Live, lastEventId } from "@reprise/database";
import type { FastifyReply } from "fastify";
import type { Gauge } from "prom-client";

/** A client that lags this far behind is disconnected: it comes back with Last-Event-ID and reads from the table. */
const maxPending = 10_000;
const pageSize = 500;
/** Events of so many milliseconds go out together: each time costs a call of the system for every client. */
const gatheredMs = 100;
/** How long a stream outlives the token that opened it, at most, in milliseconds. */
const checkEveryMs = 3_000;
/** What browsers wait before they reconnect, in milliseconds. */
const retryAfter = 2000;

/** Whether a route streams events, for as long as its client stays. */
export const isEventStream = (route: string): boolean => route.endsWith("/events");

export type EventStreams = {
  /**
   * Streams events of `scope` until the client leaves, may no longer be there, or `closeAll` is called; resolves once the
   * stream is open.
   */
  open(reply: FastifyReply, scope: EventScope, leave: Leave): Promise<void>;
  closeAll(): void;
};

/** Leave to listen, which may be taken back. */
export type Leave = {
  /** Equal where one answer holds for all. */
  by: string;
  isGood: () => Promise<boolean>;
};

/** Questions at a time: requests, and streams of others, want connections to the database, too. */
const askedAtOnce = 3;

/** Closes the streams whose leave is no longer good. Each leave is asked for once; where nobody knows, nobody is turned out. */
export async function closeForbidden(streams: ReadonlyMap<() => void, Leave>): Promise<void> {
  const leaves = new Map<string, { isGood: Leave["isGood"]; closers: (() => void)[] }>();
  for (const [close, { by, isGood }] of streams) {
    const known = leaves.get(by);
    if (known) known.closers.push(close);
    else leaves.set(by, { isGood, closers: [close] });
  }
  const waiting = leaves.values();
  const ask = async () => {
    for (const { isGood, closers } of waiting)
      if (!(await isGood().catch(() => true))) for (const close of closers) close();
  };
  await Promise.all(Array.from({ length: askedAtOnce }, ask));
}

/** Whether the client missed nothing: the event that it saw last has not been pruned. */
async function isStillStored(db: Database, scope: EventScope, lastId: bigint): Promise<boolean> {
  const [first] = await eventsAfter(db, { ...scope, after: String(lastId - 1n), limit: 1 });
  return first?.id === String(lastId);
}

/** Live events over SSE: what happened since `Last-Event-ID` comes from the table, what happens from now on is relayed. */
export function createEventStreams(options: { db: Database; live: Live; connections: Gauge }): EventStreams {
  const { db, live, connections } = options;
  const streams = new Map<() => void, Leave>();
  let checking = false;
  const timer = setInterval(() => {
    if (checking) return;
    checking = true;
    void closeForbidden(streams).finally(() => {
      checking = false;
    });
  }, checkEveryMs).unref();

  async function open(reply: FastifyReply, scope: EventScope, leave: Leave): Promise<void> {
    const { sse } = reply;
    const lastId = /^\d{1,18}$/.test(sse.lastEventId ?? "") ? BigInt(sse.lastEventId ?? "") : null;
    const pending: NumberedLiveEvent[] = [];
    let wake = () => {};
    let closed = false;

    // Listening begins before the table is read, so that nothing falls between the two.
    const unsubscribe = live.onEvent(({ id, event, sweepId, runId }) => {
      if ("sweepId" in scope ? sweepId !== scope.sweepId : runId !== scope.runId) return;
      pending.push({ id, event });
      if (pending.length > maxPending) sse.close();
      wake();
    });
    const close = () => sse.close();
    streams.set(close, leave);
    connections.inc();
    sse.onClose(() => {
      closed = true;
      unsubscribe();
      streams.delete(close);
      connections.dec();
      wake();
    });
    sse.keepAlive();

    /** Number of the last event that the client has, or has no need of: what it reads after the hello contains it. */
    let sent = lastId ?? 0n;
    const forward = async ({ id, event }: NumberedLiveEvent) => {
      if (closed || BigInt(id) <= sent) return;
      sent = BigInt(id);
      await sse.send({ id, data: event });
    };

    const replay = async () => {
      for (;;) {
        const page = await eventsAfter(db, { ...scope, after: String(sent), limit: pageSize });
        for (const event of page) await forward(event);
        if (page.length < pageSize || closed) return;
      }
    };
    const relay = async () => {
      while (!closed) {
        if (pending.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        await pause(gatheredMs, undefined, { ref: false });
        for (const event of pending.splice(0)) await forward(event);
      }
    };

    try {
      // What happened before is announced with a delay, and is not news.
      if (lastId === null) sent = BigInt(await lastEventId(db));
      const complete = lastId === null || (await isStillStored(db, scope, lastId));
      await sse.send({ event: "hello", retry: retryAfter, data: { resumed: lastId !== null, complete } });
    } catch (error) {
      sse.close();
      throw error;
    }
    const run = async () => {
      if (lastId !== null) await replay();
      await relay();
    };
    // The handler has answered; a failure from here on ends the stream, and the client resumes where it was.
    run().catch((error: unknown) => {
      if (!closed) reply.log.warn({ err: error }, "event stream ended");
      close();
    });
  }

  return {
    open,
    closeAll: () => {
      clearInterval(timer);
      for (const close of [...streams.keys()]) close();
    },
  };
}
