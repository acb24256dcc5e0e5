import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endless, watchLifetime } from "./lifetime.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const second = 1_000;
const day = 86_400 * second;

function watched(lifetime: Partial<typeof endless>) {
  const seen = { busy: false, ends: [] as string[] };
  const lifespan = watchLifetime({
    lifetime: { ...endless, ...lifetime },
    isBusy: () => seen.busy,
    isAwaited: async () => true,
    lookEveryMs: 5 * second,
    onEnd: (reason) => seen.ends.push(reason),
  });
  const train = (ms: number) => {
    seen.busy = true;
    lifespan.changed();
    vi.advanceTimersByTime(ms);
    seen.busy = false;
    lifespan.changed();
  };
  /** So long the database answers: one look with every heartbeat. */
  const answered = async (ms: number) => {
    for (let past = 0; past < ms; past += 5 * second) {
      vi.advanceTimersByTime(5 * second);
      await lifespan.look();
    }
  };
  return { ends: seen.ends, lifespan, train, answered };
}

test("its time may be longer than a timer of Node", () => {
  const { ends } = watched({ maxTimeMs: 60 * day });
  vi.advanceTimersByTime(59.9 * day);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(0.2 * day);
  expect(ends).toEqual(["its time is up"]);
});

test("runs that begin and end between two heartbeats are no idle time", async () => {
  const { ends, lifespan, train } = watched({ maxIdleMs: 10 * second });
  for (let beat = 0; beat < 6; beat += 1) {
    vi.advanceTimersByTime(2 * second);
    train(1 * second);
    vi.advanceTimersByTime(2 * second);
    await lifespan.look();
  }
  train(60 * second);
  vi.advanceTimersByTime(9 * second);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1 * second);
  expect(ends).toEqual(["it has trained nothing for long enough"]);
});

test("a database that is away for long ends an idle worker; one that is back gives it the whole time again", async () => {
  const { ends, answered } = watched({ maxIdleMs: 60 * second });
  await answered(30 * second);
  vi.advanceTimersByTime(20 * second);
  await answered(55 * second);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(60 * second);
  expect(ends).toHaveLength(1);
});

test("a heartbeat that comes late now and then gives an idle worker no more time", async () => {
  const { ends, answered } = watched({ maxIdleMs: 60 * second });
  await answered(25 * second);
  vi.advanceTimersByTime(5 * second);
  await answered(25 * second);
  expect(ends).toEqual([]);
  await answered(10 * second);
  expect(ends).toHaveLength(1);
});
