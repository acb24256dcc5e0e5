import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { buildApp } from "@reprise/api";
import { pageOf, run, sweep } from "@reprise/contracts";
import { connectDatabase } from "@reprise/database";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApi } from "./api-harness.js";
import { keyedPosts, sendKeyed } from "./keyed-posts.js";

const api = await startTestApi();
const posts = await keyedPosts(api);

/** The same server again, with one connection to the database. */
async function narrowServer() {
  const db = connectDatabase({ url: api.config.databaseUrl, maxConnections: 1 });
  const app = await buildApp({ ...api.context, db });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const close = async () => {
    await app.close();
    await db.close();
  };
  return { url, close };
}
const [one, other] = [await narrowServer(), await narrowServer()];
afterAll(async () => {
  await one.close();
  await other.close();
  await api.close();
});

it.each(Object.keys(posts))(
  "%s, sent to two servers at once under one key, has one effect, all on the connection that holds the key, and one answer",
  async (operation) => {
    const post = await posts[operation]?.();
    if (!post) throw new Error(`there is no ${operation}`);
    const key = randomUUID();
    expect(await post.effects()).toBe(0);
    const [first, second] = await Promise.all([one, other].map(({ url }) => sendKeyed(url, post, key)));
    expect(first?.status, first?.text).toBe(post.status);
    expect(second).toEqual(first);
    expect(await sendKeyed(one.url, post, key)).toEqual(first);
    expect(await post.effects()).toBe(1);
  },
);

it("every POST that takes a key is among them, but those whose second effect is the first's", () => {
  const { paths } = JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
  type Operation = { operationId: string; parameters?: { name: string }[] };
  const keyed = (Object.values(paths) as { post?: Operation }[])
    .map(({ post }) => post)
    .filter((post) => post?.parameters?.some(({ name }) => name.toLowerCase() === "idempotency-key"))
    .map((post) => post?.operationId ?? "");
  const tried = new Set(Object.keys(posts).map((name) => name.split(" ", 1)[0]));
  const repeatable = ["cancelLocalization", "heartbeat", "testWebhook"];
  expect(keyed.filter((name) => !tried.has(name)).sort()).toEqual(repeatable);
});

describe("the order in which a request takes its locks", () => {
  const logged = async () => {
    const answer = await api.call("POST", "/runs", { body: { name: randomUUID() } });
    return run.parse(answer.json);
  };

  it.each([
    ["finish", { status: "succeeded" }],
    ["tell", { metrics: { accuracy: 0.5 } }],
  ])("%s waits for its sweep without its run in hand", async (action, body) => {
    const { id, sweepId } = await logged();
    const ending = await api.db.prisma.$transaction(async (sql) => {
      await sql.$executeRaw`SET LOCAL lock_timeout = '5s'`;
      await sql.$queryRaw`SELECT id FROM sweeps WHERE id = ${sweepId}::uuid FOR UPDATE`;
      const [mine] = await sql.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      const asked = api.call("POST", `/runs/${id}/${action}`, { body });
      await expect.poll(() => blockedBy(mine?.pid ?? 0), { timeout: 20_000, interval: 20 }).toBe(1);
      await sql.$executeRaw`UPDATE runs SET notes = 'by the other' WHERE id = ${id}::uuid`;
      return { asked };
    });
    const answer = await ending.asked;
    expect(answer.status, answer.text).toBe(200);
    expect(run.parse(answer.json)).toMatchObject({ status: "succeeded", notes: "by the other" });
  });

  /** Sessions that wait for this one. */
  async function blockedBy(pid: number): Promise<number> {
    const rows = await api.db.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE ${pid}::int = ANY(pg_blocking_pids(pid))`;
    return rows.length;
  }

  it("lets clients log, end and steer runs of one study at once", async () => {
    const study = randomUUID();
    const statuses: number[] = [];
    const send = async (path: string, body?: unknown) => {
      const answer = await api.call("POST", path, { body, headers: { "idempotency-key": randomUUID() } });
      statuses.push(answer.status);
      return answer.json;
    };
    const client = async (index: number) => {
      for (let round = 0; round < 3; round += 1) {
        const environment = { "python.version": `3.${round}`, "os.name": "linux" };
        const { id, sweepId } = run.parse(
          await send("/runs", { study, params: { index, round }, environment }),
        );
        await Promise.all([
          send(`/runs/${id}/metrics`, { step: 1, metrics: { loss: index } }),
          send(`/sweeps/${sweepId}/extend`, { seeds: [index] }),
        ]);
        await Promise.all([
          send(
            `/runs/${id}/${index % 2 ? "tell" : "finish"}`,
            index % 2 ? { metrics: { loss: 1 } } : { status: "failed" },
          ),
          send(`/runs/${id}/cancel`),
          send(`/sweeps/${sweepId}/retry-failed`),
        ]);
      }
    };
    await Promise.all(Array.from({ length: 3 }, (_, index) => client(index)));
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status === 201)).toHaveLength(9);
    const { items } = await api.get(`/sweeps?name=${study}`, pageOf(sweep));
    expect(items).toHaveLength(1);
  });
});
