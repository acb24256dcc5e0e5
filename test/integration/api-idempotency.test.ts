import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { buildApp } from "@reprise/api";
import { importAnswer, importSession, pageOf, run, sweep } from "@reprise/contracts";
import { connectDatabase } from "@reprise/database";
import { afterAll, describe, expect, it } from "vitest";
import { problemOf, startTestApi } from "./api-harness.js";
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

/** POSTs that take a key and are not among them, and why. */
const keyedElsewhere: Record<string, string> = {
  cancelLocalization: "the second effect is the first's",
  heartbeat: "the second effect is the first's",
  importRuns: "its files are of one server: tried below",
  testWebhook: "the second effect is the first's",
};

/** POSTs that take no key, and why a second one does no harm or cannot be told from the first. */
const withoutKey: Record<string, string> = {
  auditTables: "computes",
  beginImport: "leaves an empty place, of which there are at most 16 and each goes after an hour",
  checkSweep: "computes",
  compareRuns: "computes",
  createSession: "its cookie cannot be kept to be given again: of tokens only the digest is stored",
  createToken:
    "its token cannot be kept to be given again: only the digest is stored, as its description says",
  drainWorker: "the second effect is the first's",
  previewImport: "writes nothing",
  previewSweep: "computes",
  readTable: "computes",
  runStatistic: "computes",
  undrainWorker: "the second effect is the first's",
};

it("every POST takes a key and is tried, or stands in a list with its reason", () => {
  const { paths } = JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
  type Operation = { operationId: string; parameters?: { name: string }[] };
  const all = (Object.values(paths) as { post?: Operation }[]).flatMap(({ post }) => post ?? []);
  const namesOf = (operations: readonly Operation[]) =>
    operations.map(({ operationId }) => operationId).sort();
  const isKeyed = ({ parameters }: Operation) =>
    parameters?.some(({ name }) => name.toLowerCase() === "idempotency-key") ?? false;
  const tried = Object.keys(posts).map((name) => name.split(" ", 1)[0] ?? "");
  expect(namesOf(all.filter(isKeyed))).toEqual(
    [...new Set([...tried, ...Object.keys(keyedElsewhere)])].sort(),
  );
  expect(namesOf(all.filter((operation) => !isKeyed(operation)))).toEqual(Object.keys(withoutKey).sort());
});

it("importRuns, sent twice at once and again under one key, writes each of its studies once", async () => {
  const head = { format: "mlflow-file", warnings: [] };
  const runOf = (gitCommit: string, seed: number) => ({
    source: { format: "mlflow-file", location: "x", id: randomUUID() },
    ...{ name: `run ${seed}`, params: { seed }, tags: {}, status: "finished", startedAt: null },
    ...{ endedAt: null, gitCommit, host: null, summary: { acc: 0.5 }, artifacts: [], attempts: 1 },
    ...{ metrics: {}, doubtful: null, remarks: [] },
  });
  const lines = [
    head,
    ...["a", "b"].flatMap((commit) => [0, 1].map((seed) => runOf(commit.repeat(40), seed))),
  ];
  const begun = await api.call("POST", "/imports");
  const { id } = importSession.parse(begun.json);
  const put = await api.app.inject({
    ...{ method: "PUT", url: `/api/v1/imports/${id}/runs` },
    headers: { host: "localhost", "content-type": "application/x-ndjson" },
    payload: `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`,
  });
  expect(put.statusCode, put.body).toBe(200);
  const name = randomUUID();
  const key = randomUUID();
  const send = (body: object) =>
    api.call("POST", `/imports/${id}/studies`, { body, headers: { "idempotency-key": key } });
  const body = { into: "new", decisions: { name, seed: "seed", commits: "several" } };
  const [first, second] = await Promise.all([send(body), send(body)]);
  expect(first?.status, first?.text).toBe(201);
  expect(second?.text).toBe(first?.text);
  expect((await send(body)).text).toBe(first?.text);
  const { studies } = importAnswer.parse(first?.json);
  expect(studies.map(({ added }) => added)).toEqual([2, 2]);
  const { items } = await api.get("/sweeps?limit=100", pageOf(sweep));
  expect(
    items
      .filter((one) => one.name.includes(name))
      .map((one) => one.id)
      .sort(),
  ).toEqual(studies.map(({ sweepId }) => sweepId).sort());
  problemOf(
    await send({ ...body, decisions: { ...body.decisions, name: "other" } }),
    422,
    "idempotency-key-reused",
  );
  expect((await api.call("POST", `/imports/${id}/studies`, { body })).status).toBe(201);
  const { items: again } = await api.get("/sweeps?limit=100", pageOf(sweep));
  expect(again.filter((one) => one.name.includes(name))).toHaveLength(4);
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
