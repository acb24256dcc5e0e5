import { setTimeout as delay } from "node:timers/promises";
import {
  type ControlMessage,
  liveEvent,
  type NumberedLiveEvent,
  readControlMessage,
} from "@reprise/contracts";
import pg from "pg";
import { z } from "zod";
import { connectionSettings } from "../postgres/connection-settings.js";
import { controlChannel, liveChannel } from "./live-events.js";

export type AddressedLiveEvent = NumberedLiveEvent & { sweepId: string | null; runId: string | null };

export type Live = {
  /** Returns a function that ends the subscription. */
  onEvent(listener: (event: AddressedLiveEvent) => void): () => void;
  onControl(listener: (message: ControlMessage) => void): () => void;
  close(): Promise<void>;
};

const announcement = z.object({
  id: z.string(),
  sweepId: z.string().nullable(),
  runId: z.string().nullable(),
  event: liveEvent.nullable(),
});

const longestPauseMs = 5_000;

/**
 * A connection that only listens says nothing, and never learns that its other end is gone where something between the two still
 * answers for it: so often it is asked, and so long it has to answer.
 */
const askEveryMs = 10_000;
const question = { text: "SELECT 1", query_timeout: 10_000 };
const goodbyeWithinMs = 1_000;

const pageSize = 1_000;

/**
 * Listens to the live stream on a connection of its own. Events arrive in the order of their numbers, each once. After
 * a lost connection it connects again and first delivers what it has missed; control messages sent meanwhile are gone
 * (they only save waiting).
 *
 * @param options.events whether events are wanted beside control messages (the default): who ignores them should not be sent
 *   every metric of every run
 * @param options.onError told of lost connections, once per loss
 * @throws when the first connection fails
 */
export async function openLive(options: {
  url: string;
  events?: boolean;
  onError?: (error: Error) => void;
}): Promise<Live> {
  const { events = true } = options;
  const eventListeners = new Set<(event: AddressedLiveEvent) => void>();
  const controlListeners = new Set<(message: ControlMessage) => void>();
  const report = (error: unknown) =>
    options.onError?.(error instanceof Error ? error : new Error(String(error)));
  const closing = new AbortController();
  let client: pg.Client | null = null;
  let lastId: bigint | null = null;
  /** Deliveries run one after another: one that must read the table holds the later ones back. */
  let deliveries: Promise<void> = Promise.resolve();

  const tell = <T>(listeners: Set<(value: T) => void>, value: T) => {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        report(error);
      }
    }
  };
  const deliver = (event: AddressedLiveEvent) => {
    const number = BigInt(event.id);
    if (lastId !== null && number <= lastId) return;
    lastId = number;
    tell(eventListeners, event);
  };
  const catchUp = async (connection: pg.Client) => {
    for (;;) {
      const { rows } = await connection.query(
        `SELECT id::text AS id, sweep_id AS "sweepId", run_id AS "runId", event FROM live_events
         WHERE id > $1 ORDER BY id LIMIT ${pageSize}`,
        [String(lastId ?? 0)],
      );
      for (const row of rows) deliver({ ...announcement.parse(row), event: liveEvent.parse(row.event) });
      if (rows.length < pageSize) return;
    }
  };
  const onNotification = (
    connection: pg.Client,
    isStale: () => boolean,
    onLost: (error: unknown) => void,
    channel: string,
    payload: string,
  ) => {
    if (channel === controlChannel) {
      const message = readControlMessage(JSON.parse(payload));
      if (message) tell(controlListeners, message);
      return;
    }
    const announced = announcement.parse(JSON.parse(payload));
    deliveries = deliveries
      .then(async () => {
        if (isStale()) return;
        if (announced.event) deliver({ ...announced, event: announced.event });
        else await catchUp(connection);
      })
      // What could not be read is read by the next connection: a later event would step over it.
      .catch((error: unknown) => (client === connection ? onLost(error) : report(error)));
  };

  const connect = async () => {
    const connection = new pg.Client(connectionSettings({ url: options.url, kind: "listening" }));
    let lost = false;
    let asking: NodeJS.Timeout | undefined;
    const askAgain = () => {
      asking = setTimeout(() => {
        connection.query(question).then(askAgain, (error: unknown) => {
          if (client === connection) onLost(error);
        });
      }, askEveryMs);
    };
    const onLost = (error: unknown) => {
      if (lost || closing.signal.aborted) return;
      lost = true;
      client = null;
      clearTimeout(asking);
      report(error);
      void connection.end().catch(() => undefined);
      void reconnect();
    };
    connection.on("error", (error) => {
      if (client === connection) onLost(error);
    });
    connection.on("end", () => {
      clearTimeout(asking);
      if (client === connection) onLost(new Error("The connection that listens for live events was closed"));
    });
    connection.on("notification", (message) => {
      try {
        onNotification(connection, () => lost, onLost, message.channel, message.payload ?? "");
      } catch (error) {
        report(error);
      }
    });
    // What arrives from here on waits until the missed events have been delivered.
    const earlier = deliveries;
    let letThrough = () => {};
    const gate = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    deliveries = earlier.then(() => gate);
    try {
      await connection.connect();
      if (events) await connection.query(`LISTEN ${liveChannel}`);
      await connection.query(`LISTEN ${controlChannel}`);
      await earlier;
      if (!events) {
        // Control messages that were missed only save waiting.
      } else if (lastId === null) {
        const { rows } = await connection.query("SELECT coalesce(max(id), 0)::text AS id FROM live_events");
        lastId = BigInt(rows[0].id);
      } else {
        await catchUp(connection);
      }
      client = connection;
      askAgain();
    } catch (error) {
      lost = true;
      await connection.end().catch(() => undefined);
      throw error;
    } finally {
      letThrough();
    }
  };
  const reconnect = async () => {
    for (let pause = 100; !closing.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        await delay(pause, undefined, { signal: closing.signal });
        await connect();
        return;
      } catch {
        // Reported when the connection was lost; the next try follows.
      }
    }
  };
  const subscribe = <T>(listeners: Set<(value: T) => void>, listener: (value: T) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  await connect();
  return {
    onEvent: (listener) => subscribe(eventListeners, listener),
    onControl: (listener) => subscribe(controlListeners, listener),
    async close() {
      closing.abort();
      const connection = client;
      client = null;
      if (!connection) return;
      // A server that is gone without a word says no goodbye.
      const tooLate = setTimeout(() => connection.connection.stream.destroy(), goodbyeWithinMs);
      await connection.end().catch(() => undefined);
      clearTimeout(tooLate);
    },
  };
}
