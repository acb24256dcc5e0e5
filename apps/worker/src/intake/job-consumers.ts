import { type Device, type Machine, meets, type Requirements, type RunNeeds } from "@reprise/contracts";
import { openRunConsumers, type RunConsumer } from "@reprise/queue";
import type { WorkerConfig } from "../config.js";
import type { Slots } from "../machine/slots.js";
import { queueOf, type RegisteredTrainer } from "../machine/trainers.js";
import { pause } from "../pause.js";
import type { TakeJob } from "./take-jobs.js";

/** So long a queue of runs with requirements is listened to after the last job of it was seen. */
const keptMs = 10 * 60_000;

/** Queues of runs with requirements that are listened to at a time: each costs the server a connection. */
const mostFollowed = 8;

/** So long is waited for one of them to make room; it has nothing in hand. */
const closedWithinMs = 1_000;

/** So long one of them may keep its place from another that has jobs, unless there is nothing in it. */
const turnMs = 60_000;

export type JobConsumers = {
  /** Takes jobs, or none, from now on; jobs in hand go on. */
  accept(wanted: boolean): Promise<void>;
  /** To be called when a device was taken or given back. */
  slotsChanged(): void;
  /**
   * Takes jobs of runs with requirements too, where this machine meets them. Each such need has a queue of its own; where there are
   * more than may be listened to at a time, they take turns.
   *
   * @param needs what runs need whose jobs are in the queues now
   * @throws QueueUnreachableError
   */
  follow(needs: readonly RunNeeds[]): Promise<void>;
  close(): Promise<void>;
};

type Entry = {
  queue: string;
  device: Device["kind"];
  requires: Requirements;
  consumer: RunConsumer;
  paused: boolean;
  inHand: number;
  /** When a job was last seen of a queue that is followed; null of one that always is. */
  wantedAt: number | null;
  openedAt: number;
};

/**
 * Takes jobs from the queue of every trainer, as many at a time as there are devices for it. Where several queues
 * share the devices of a class, all of them pause while none is free, and each while a run was refused that does not fit: a job that
 * waits here could be trained by another worker.
 */
export async function consumeJobs(options: {
  config: Pick<WorkerConfig, "databaseUrl" | "redisUrl" | "queuePrefix">;
  /** Of the queue, where it is in PostgreSQL. */
  waits: { idleInTransactionMs: number };
  machine: Machine;
  trainers: readonly RegisteredTrainer[];
  slots: Slots;
  take: TakeJob;
  onError: (error: Error) => void;
}): Promise<JobConsumers> {
  const { config, waits, machine, slots, trainers, onError } = options;
  const backend =
    config.redisUrl === null
      ? ({ kind: "postgres", url: config.databaseUrl } as const)
      : ({ kind: "redis", url: config.redisUrl } as const);
  const consumers = await openRunConsumers({
    backend,
    waits,
    ...(config.queuePrefix !== null && { prefix: config.queuePrefix }),
    onError,
  });
  let entries: Entry[] = [];
  /** When queues were left that had jobs yet. */
  let leftAt = new Map<string, number>();
  const open = async (trainer: RegisteredTrainer, requires: Requirements, wantedAt: number | null) => {
    const device = trainer.capabilities.deviceClass;
    const queue = queueOf(trainer, requires);
    const counted = { inHand: 0 };
    const consumer = await consumers.consume({
      queue,
      concurrency: slots.count(device, requires),
      handle: async (job, giveBack) => {
        counted.inHand += 1;
        try {
          await options.take(trainer, requires, job, giveBack);
        } finally {
          counted.inHand -= 1;
        }
      },
    });
    const openedAt = performance.now();
    entries.push(
      Object.assign(counted, { queue, device, requires, consumer, paused: false, wantedAt, openedAt }),
    );
  };
  for (const trainer of trainers) await open(trainer, {}, null);

  let accepting = true;
  let changes: Promise<void> = Promise.resolve();
  const apply = () => {
    changes = changes
      .then(async () => {
        for (const entry of entries) {
          const alone = entries.filter((other) => other.device === entry.device).length === 1;
          const isFull =
            slots.refused(entry.device) !== undefined ||
            (!alone && slots.free(entry.device, entry.requires) === 0);
          const paused = !accepting || isFull;
          if (paused === entry.paused) continue;
          entry.paused = paused;
          await (paused ? entry.consumer.pause() : entry.consumer.resume());
        }
      })
      .catch((error) => onError(error instanceof Error ? error : new Error(String(error))));
    return changes;
  };

  /** Of queues that nobody has needed for long; those that are being closed may still end what they have in hand. */
  const closing = new Set<Promise<void>>();
  const closeAll = (left: readonly Entry[]) => {
    entries = entries.filter((entry) => !left.includes(entry));
    for (const { queue, consumer } of left) {
      leftAt.set(queue, performance.now());
      const closed: Promise<void> = consumer
        .close()
        .catch(onError)
        .finally(() => closing.delete(closed));
      closing.add(closed);
    }
  };
  const followed = () => entries.filter(({ wantedAt, inHand }) => wantedAt !== null && inHand === 0);
  const closeUnneeded = (now: number) =>
    closeAll(followed().filter(({ wantedAt }) => now - (wantedAt ?? now) > keptMs));
  /** Whether one more may be listened to, now that one has made room which has no jobs now or has had its turn. */
  const hasRoom = async (now: number): Promise<boolean> => {
    // A queue whose last job is in hand has nothing to be listened to for.
    const listening = entries.filter(
      ({ wantedAt, inHand }) => wantedAt !== null && (inHand === 0 || wantedAt === now),
    );
    if (listening.length + closing.size < mostFollowed) return true;
    // Those that are being closed are on their way to making room.
    if (closing.size > 0) return false;
    const idle = followed().filter(({ wantedAt }) => wantedAt !== now);
    // In the order in which they were opened.
    const [over] = idle.length > 0 ? idle : followed().filter(({ openedAt }) => now - openedAt > turnMs);
    if (!over) return false;
    closeAll([over]);
    await Promise.race([...closing, pause(closedWithinMs)]);
    return closing.size === 0;
  };

  return {
    accept(wanted) {
      accepting = wanted;
      return apply();
    },
    slotsChanged: () => void apply(),
    async follow(needs) {
      const now = performance.now();
      const missing: Array<{ queue: string; trainer: RegisteredTrainer; requires: Requirements }> = [];
      for (const { trainer: name, deviceClass, requires } of needs) {
        const trainer = trainers.find(
          ({ capabilities }) => capabilities.name === name && capabilities.deviceClass === deviceClass,
        );
        if (!trainer || Object.keys(requires).length === 0 || !meets(machine, requires)) continue;
        const queue = queueOf(trainer, requires);
        const entry = entries.find((each) => each.queue === queue);
        if (entry) entry.wantedAt = now;
        else if (slots.count(deviceClass, requires) > 0) missing.push({ queue, trainer, requires });
      }
      leftAt = new Map([...leftAt].filter(([left]) => missing.some(({ queue }) => queue === left)));
      // Those that were never listened to come first, then those that have waited longest for their next turn.
      missing.sort((a, b) => (leftAt.get(a.queue) ?? 0) - (leftAt.get(b.queue) ?? 0));
      // A consumer begins by taking a job: only where there is a place for it, which the one before may have taken.
      const opened: Record<Device["kind"], number> = { cpu: 0, gpu: 0 };
      for (const { trainer, requires } of missing) {
        const kind = trainer.capabilities.deviceClass;
        const places = slots.refused(kind) === undefined ? slots.free(kind, requires) : 0;
        if (!accepting || places <= opened[kind] || !(await hasRoom(now))) continue;
        opened[kind] += 1;
        await open(trainer, requires, now);
      }
      closeUnneeded(now);
      slots.expect(entries.map(({ requires }) => requires));
      await apply();
    },
    async close() {
      await changes;
      await Promise.all([...closing]);
      await Promise.all(entries.map((entry) => entry.consumer.close(true)));
      await consumers.close();
    },
  };
}
