import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { type LiveEvent, liveEvent, pageOf, run, sweep } from "@reprise/contracts";
import { pruneLiveEvents, writeBatch } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  startTestApi,
  type TestWorker,
} from "./api-harness.js";

let api: ApiUnderTest;
let worker: TestWorker;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => api.close());

type Message = { id: string | null; event: string; data: string; retry: string | null };

/** Messages of an event stream, parsed as the specification of server-sent events has it. */
async function* messages(response: IncomingMessage): AsyncGenerator<Message> {
  let message: Message = { id: null, event: "message", data: "", retry: null };
  for await (const line of createInterface({ input: response })) {
    if (line === "") {
      if (message.data !== "") yield message;
      message = { id: null, event: "message", data: "", retry: null };
      continue;
    }
    const [, field, value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "data") message.data += value;
    else if (field === "id" || field === "event" || field === "retry") message[field] = value;
  }
}

/** Opens a stream and reads its hello; closed with the test. */
async function connect(path: string, lastEventId?: string) {
  const headers = {
    accept: "text/event-stream",
    ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/api/v1${path}`, { headers, agent: false }, resolve).on("error", reject);
  });
  const stop = () => {
    response.destroy();
  };
  onTestFinished(stop);
  const stream = messages(response);
  const next = async (): Promise<Message> => {
    const { value, done } = await stream.next();
    if (done) throw new Error("the stream ended");
    return value;
  };
  return {
    response,
    hello: await next(),
    stop,
    ended: async () => (await stream.next()).done,
    /** The next `count` live events with their ids. */
    take: async (count: number): Promise<Array<{ id: string; event: LiveEvent }>> => {
      const taken = [];
      for (let index = 0; index < count; index++) {
        const { id, event, data } = await next();
        expect(event).toBe("message");
        taken.push({ id: id ?? "", event: liveEvent.parse(JSON.parse(data)) });
      }
      return taken;
    },
  };
}

async function runningSweep() {
  const { id } = await api.createSweep({ name: "live", dataset: "wdbc", seeds: [0, 1] });
  const [first] = (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items;
  const ref = await claim(api, worker, first?.id ?? "");
  let batch = 0;
  const write = async (count: number) => {
    for (let index = 0; index < count; index++, batch++) {
      await writeBatch(api.db, ref, metricBatch(batch, batch + 1, { trainLoss: 1 / (batch + 1) }));
    }
  };
  return { id, runId: first?.id ?? "", write };
}

const stepsOf = (events: Array<{ event: LiveEvent }>) =>
  events.map(({ event }) => (event.type === "metrics" ? event.lastStep : event.type));

describe("the event stream of a sweep", () => {
  it("greets at once, then relays what happens, in order", async () => {
    const { id, write } = await runningSweep();
    const stream = await connect(`/sweeps/${id}/events`);
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers["content-type"]).toBe("text/event-stream");
    expect(stream.hello).toMatchObject({ event: "hello", retry: "2000" });
    expect(JSON.parse(stream.hello.data)).toEqual({ resumed: false, complete: true });
    await write(3);
    expect(stepsOf(await stream.take(3))).toEqual([1, 2, 3]);
    expect((await api.call("POST", `/sweeps/${id}/pause`)).status).toBe(200);
    const [paused] = await stream.take(1);
    expect(paused?.event).toMatchObject({ type: "sweep", status: "paused" });
  });

  it("resumes after Last-Event-ID without gap and without repeating, while more is written", async () => {
    const { id, write } = await runningSweep();
    const first = await connect(`/sweeps/${id}/events`);
    await write(2);
    const seen = await first.take(2);
    first.stop();

    await write(20);
    const writing = write(40);
    const second = await connect(`/sweeps/${id}/events`, seen.at(-1)?.id);
    expect(JSON.parse(second.hello.data)).toEqual({ resumed: true, complete: true });
    const rest = await second.take(60);
    await writing;
    expect(stepsOf([...seen, ...rest])).toEqual(Array.from({ length: 62 }, (_, index) => index + 1));
    const ids = [...seen, ...rest].map((event) => BigInt(event.id));
    expect(ids.every((value, index) => index === 0 || value > (ids[index - 1] ?? 0n))).toBe(true);
  });

  it("says so when events after the last one seen have been pruned", async () => {
    const { id, write } = await runningSweep();
    const first = await connect(`/sweeps/${id}/events`);
    await write(1);
    const [seen] = await first.take(1);
    first.stop();
    await pruneLiveEvents(api.db, -60_000);
    const second = await connect(`/sweeps/${id}/events`, seen?.id);
    expect(JSON.parse(second.hello.data)).toEqual({ resumed: true, complete: false });
    await write(1);
    expect(stepsOf(await second.take(1))).toEqual([2]);
  });

  it("carries nothing of other sweeps", async () => {
    const [one, other] = [await runningSweep(), await runningSweep()];
    const stream = await connect(`/sweeps/${one.id}/events`);
    await other.write(2);
    await one.write(1);
    const [event] = await stream.take(1);
    expect(event?.event).toMatchObject({ type: "metrics", runId: one.runId });
  });
});

describe("the event stream of a run", () => {
  it("carries the run's own events, from the hello on: not its start, though that is announced with a delay", async () => {
    for (let run = 0; run < 10; run++) {
      const { runId, write } = await runningSweep();
      const stream = await connect(`/runs/${runId}/events`);
      await write(2);
      expect(stepsOf(await stream.take(2))).toEqual([1, 2]);
    }
  });

  it("is refused for a run that does not exist, before any stream opens", async () => {
    const answer = await fetch(`${url}/api/v1/runs/00000000-0000-4000-8000-000000000000/events`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch(/problem\+json/);
  });
});

describe("closing", () => {
  it("ends open streams, so that the server does not hang", async () => {
    const own = await startTestApi();
    const created = sweep.parse(
      (await own.call("POST", "/sweeps", { body: { name: "x", dataset: "wdbc" } })).json,
    );
    const address = await own.app.listen({ host: "127.0.0.1", port: 0 });
    const response = await fetch(`${address}/api/v1/sweeps/${created.id}/events`);
    const reader = response.body?.getReader();
    await reader?.read();
    await own.close();
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read());
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  });
});
