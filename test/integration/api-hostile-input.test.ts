import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { predictionsList, problem, run } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ZipFile } from "yazl";
import { watched } from "../support/loop-share.js";
import { type ApiUnderTest, announceWorker, problemOf, smallStudy, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
  await announceWorker(api);
});
afterAll(() => api.close());

const listening = () => api.app.listen({ host: "127.0.0.1", port: 0 }).catch(() => api.app.listeningOrigin);

const crowd = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`name ${at}`, []]));

const yaml = { "content-type": "application/yaml" };
const json = { "content-type": "application/json" };
const preview = (body: string, headers: Record<string, string>) =>
  api.call("POST", "/sweeps/preview", { body, headers });

describe("a document that would cost more than its length", () => {
  it.each([
    ["100,000 brackets", "[".repeat(100_000), /deeper than 100 levels/],
    ["100,000 braces", "{a: ".repeat(25_000), /deeper than 100 levels/],
    ["50,000 dashes", "- ".repeat(50_000), /deeper than 100 levels/],
    ["anchors", "&a ".repeat(2_000), /one anchor at line 1, column 4/],
    ["an alias in an alias", aliases(), /more than 20000 values once each alias/],
    ["an alias in an alias of nothing", doubled(40), /more than 20000 values once each alias/],
    ["an alias in what it stands for", "a: &x [*x]", /\*x stands inside &x/],
    ["two of them", "a: &x { b: *x, c: *x }", /\*x stands inside &x/],
    ["one that is merged into itself", "a: &x { <<: *x }", /\*x stands inside &x/],
    ["many anchors", `[${"&a x, ".repeat(1_001)}]`, /more than 1000 anchors and aliases/],
    ["a name given twice", "name: a\nseeds: [0]\nname: b\n", /name is given twice .*line 3, column 1/],
  ])("YAML: %s", async (_, body, reason) => {
    expect(problemOf(await preview(body, yaml), 400, "invalid-request").detail).toMatch(reason);
  });

  it("a long document is read in a thread, and like a short one", async () => {
    const own = await startTestApi({ computeThreads: 1 });
    await announceWorker(own);
    const body = (comment: string) =>
      `# ${comment}\nname: a\ndataset: wdbc\nseeds: [0, 1]\nbase: { epochs: 1 }\nmodes: { deterministic: { repeats: 1 } }\n`;
    const send = (text: string) => own.call("POST", "/sweeps/preview", { body: text, headers: yaml });
    const [short, long] = [await send(body("x")), await send(body("x".repeat(20_000)))];
    expect(short.status, short.text).toBe(200);
    expect(long.json).toEqual(short.json);
    const intervals = await send(`${body("x")}description: "${"[0, 1) ".repeat(200)}"\n`);
    expect(intervals.status, intervals.text).toBe(200);
    problemOf(await send(`${body("x".repeat(20_000))}seeds: [1]\n`), 400, "invalid-request");
    await own.close();
  });

  it("a long body is checked in a thread, and the event loop goes on meanwhile", async () => {
    const own = await startTestApi({ computeThreads: 1 });
    onTestFinished(() => own.close());
    const send = (body: string) => own.call("POST", "/statistics/ttest_1samp", { body, headers: json });
    // The thread is started by the first.
    const list = "1e-100,".repeat(500_000);
    problemOf(await send(`{"input":{"values":[${list}}`), 400, "invalid-request");
    const body = `{"input":{"values":[${list}1e999]}}`;
    const { answer, busy } = await watched(() => send(body));
    const { detail } = problemOf(answer, 400, "invalid-request");
    expect(detail).toMatch(/numbers that cannot be read as they are written/);
    expect(busy).toBeLessThan(0.5);
    problemOf(await send("[".repeat(2_000_000)), 400, "invalid-request");
  });

  it("a long report is read, judged and written in a thread, once, and refused where it first goes wrong", async () => {
    const own = await startTestApi({ computeThreads: 1 });
    onTestFinished(() => own.close());
    const { id } = run.parse((await own.call("POST", "/runs", { body: {} })).json);
    const send = (body: string, headers = {}) =>
      own.call("POST", `/runs/${id}/predictions`, { body, headers: { ...json, ...headers } });
    const cases = 60_000;
    const told = {
      ids: Array.from({ length: cases }, (_, at) => `case ${at}`),
      classes: ["benign", "malignant"],
      labels: Array(cases).fill(1),
      scores: Array(cases).fill([0.125, 0.875]),
    };
    const predictions = JSON.stringify(told);
    expect(predictions.length).toBeGreaterThan(1_000_000);
    // The thread is started by the first.
    expect(await send(predictions)).toMatchObject({ status: 200, json: { cases } });
    const wrong = JSON.stringify({ ...told, labels: Array(2_000_000).fill(-1) });
    const { answer, busy } = await watched(() => send(wrong));
    expect(problemOf(answer, 400, "invalid-request")).toMatchObject({
      detail: 'The body has at least one error; see "errors".',
      errors: [{ path: "labels.0", message: "must be at least 0", value: "-1" }],
    });
    expect(busy).toBeLessThan(0.5);
    problemOf(await send(predictions.replace('"ids"', '"__proto__":1,"ids"')), 400, "invalid-request");
    const crowded = problemOf(await send(JSON.stringify({ ...told, notes: crowd })), 400, "invalid-request");
    expect(crowded.errors).toMatchObject([
      { path: "notes", message: expect.stringMatching(/^has 10001 names/) },
    ]);
    const late = JSON.stringify({ ...told, positiveClass: 2 });
    expect(problemOf(await send(late), 400, "invalid-request").errors).toMatchObject([
      { path: "positiveClass" },
    ]);
    const key = { "idempotency-key": "long" };
    for (const _ of [1, 2])
      expect(await send(predictions, key)).toMatchObject({ status: 200, json: { cases } });
    problemOf(await send(predictions.replace("0.125", "0.25"), key), 422, "idempotency-key-reused");
    await own.call("POST", `/runs/${id}/finish`, { body: {} });
    problemOf(await send(predictions), 409, "conflict");
    const { items } = predictionsList.parse((await own.call("GET", `/runs/${id}/predictions`)).json);
    expect(items).toMatchObject([{ split: "test", ids: { length: cases } }]);
  });

  it("aliases are read where they cost nothing", async () => {
    const body = "name: a\ndataset: wdbc\nseeds: &s [0, 1]\nbase: { epochs: 1 }\nmore: { seeds: *s }\n";
    const refused = problemOf(await preview(body, yaml), 422, "invalid-sweep-spec");
    expect(refused.errors?.map(({ path }) => path)).toEqual(["more"]);
  });

  it("a stream in the place of a document", async () => {
    const headers = { "content-type": "application/octet-stream" };
    for (const route of ["preview", "studies"]) {
      const path = `/imports/00000000-0000-7000-8000-000000000000/${route}`;
      problemOf(await api.call("POST", path, { body: "{}", headers }), 415, "unsupported");
    }
  });

  it("an object of more names than any document has", async () => {
    const refused = problemOf(
      await api.call("POST", "/runs", { body: { environment: crowd } }),
      400,
      "invalid-request",
    );
    expect(refused).toMatchObject({
      detail: 'The body has at least one error; see "errors".',
      errors: [{ path: "environment", message: "has 10001 names; an object may have 10000" }],
    });
    const study = await api.call("POST", "/sweeps/preview", { body: { ...smallStudy, base: crowd } });
    expect(problemOf(study, 422, "invalid-sweep-spec").errors).toMatchObject([
      { path: "base", message: expect.stringMatching(/^has 10001 names/) },
    ]);
  });

  it("YAML longer than anybody writes", async () => {
    const answer = problemOf(await preview(`name: ${"a".repeat(200_000)}`, yaml), 413, "payload-too-large");
    expect(answer.detail).toMatch(/200006 characters; at most 200000/);
  });

  it.each([
    ["lists in lists", "[".repeat(300_000) + "]".repeat(300_000)],
    ["objects in objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    [
      "a deep value of a hyperparameter",
      JSON.stringify({ ...smallStudy, base: { epochs: "X" } }).replace(
        '"X"',
        "[".repeat(5_000) + "]".repeat(5_000),
      ),
    ],
  ])("JSON: %s", async (_, body) => {
    expect(problemOf(await preview(body, json), 400, "invalid-request").detail).toMatch(/deeper than 100/);
  });

  it("JSON as deep as is allowed is judged like any other", async () => {
    const body = JSON.stringify({ ...smallStudy, base: { epochs: "X" } }).replace(
      '"X"',
      "[".repeat(90) + "]".repeat(90),
    );
    const answer = await preview(body, json);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    expect(answer.status, answer.text).toBeLessThan(500);
  });

  it("metrics of more than sixteen megabytes", async () => {
    const body = `{"metrics":[${" ".repeat(40_000_000)}]}`;
    problemOf(
      await api.call("POST", "/runs/00000000-0000-7000-8000-000000000000/metrics", { body, headers: json }),
      413,
      "payload-too-large",
    );
  });
});

it("a body that is too large is refused over a connection too, whose client reads when it has sent all", async () => {
  const address = new URL(await listening());
  const socket = connect(Number(address.port), address.hostname);
  const bytes = 40_000_000;
  const lines = [
    "POST /api/v1/runs/00000000-0000-7000-8000-000000000000/metrics HTTP/1.1",
    ...["host: localhost", "content-type: application/json", `content-length: ${bytes}`],
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  for (let sent = 0; sent < bytes; sent += bytes / 40)
    await new Promise<void>((resolve, reject) => {
      socket.write(Buffer.alloc(bytes / 40, " "), (error) => (error ? reject(error) : resolve()));
    });
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1.1 413 /);
  expect(problem.parse(JSON.parse(body)).type).toBe("/problems/payload-too-large");
});

it("a run has no more metrics than it may have, however many reports name them", async () => {
  const { id } = run.parse((await api.call("POST", "/runs", { body: {} })).json);
  const named = (count: number, first = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${first + index}`, index]));
  const send = (metrics: Record<string, number>, step = 0) =>
    api.call("POST", `/runs/${id}/metrics`, { body: { step, metrics } });
  const refused = (answer: Awaited<ReturnType<typeof send>>) =>
    expect(problemOf(answer, 400, "invalid-request").detail).toMatch(/^A run may have 10000 metrics;/);
  refused(await send(named(10_001)));
  // A twin that is refused for its form does not hide it, and both parts count together.
  const both = (metrics: unknown, series: unknown) =>
    api.call("POST", `/runs/${id}/metrics`, { body: { step: 0, metrics, series } });
  refused(await both(named(10_001), 1));
  refused(await both([], named(10_001)));
  refused(await both(named(6_000), named(6_000, 6_000)));
  expect((await send(named(9_999))).status).toBe(200);
  refused(await send(named(2, 9_999)));
  refused(await api.call("POST", `/runs/${id}/tell`, { body: { metrics: named(2, 9_999) } }));
  // What was refused has left nothing, and names that it has may go on.
  expect((await send(named(3, 9_997), 1)).status).toBe(200);
  refused(await send(named(1, 10_000), 2));
});

/** So many levels of two references to an empty list: more lists than a computer holds. */
const doubled = (levels: number) =>
  [
    "a0: &a0 []",
    ...Array.from({ length: levels }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`),
  ].join("\n");

/** Nine levels of nine references each: 3 × 10^8 values. */
function aliases(): string {
  const levels = ["a: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 9; level += 1) {
    levels.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    );
  }
  return levels.join("\n");
}

describe("an archive that unpacks to far more than it is", () => {
  async function zipped(files: Record<string, Buffer>): Promise<Buffer> {
    const zip = new ZipFile();
    for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name);
    zip.end();
    return buffer(zip.outputStream);
  }
  const send = (payload: Buffer) =>
    api.app.inject({
      method: "POST",
      url: "/api/v1/sweeps/import",
      headers: { host: "localhost", "content-type": "application/zip" },
      payload,
    });

  it.each([
    ["brackets", Buffer.alloc(50_000_000, "[")],
    ["spaces", Buffer.alloc(50_000_000, " ")],
  ])("50 MB of %s", async (_, content) => {
    const bytes = await zipped({ "ro-crate-metadata.json": content });
    expect(bytes.length).toBeLessThan(100_000);
    const answer = await send(bytes);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json()).toMatchObject({
      errors: [{ path: "ro-crate-metadata.json", message: expect.stringMatching(/more than 100 times/) }],
    });
  });

  it("300 files of 1 MB of spaces, each as large as a record may be", async () => {
    const spaces = Buffer.alloc(1_000_000, " ");
    const runs = Array.from({ length: 300 }, (_, at) => [`runs/${at}.json`, spaces] as const);
    const bytes = await zipped({ "ro-crate-metadata.json": Buffer.from("{}"), ...Object.fromEntries(runs) });
    const answer = await send(bytes);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json()).toMatchObject({
      errors: [{ path: "The body", message: expect.stringMatching(/more than 100 times its size/) }],
    });
  });

  it("a large archive is read in a thread, and the event loop goes on meanwhile", async () => {
    const own = await startTestApi({ computeThreads: 1 });
    onTestFinished(() => own.close());
    const sendTo = async (payload: Buffer) => {
      const answer = await own.app.inject({
        ...{ method: "POST", url: "/api/v1/sweeps/import" },
        headers: { host: "localhost", "content-type": "application/zip" },
        payload,
      });
      expect(answer.statusCode, answer.body).toBe(400);
      return problem.parse(answer.json());
    };
    // The thread is started by the first.
    const packed = (text: string) => zipped({ "ro-crate-metadata.json": Buffer.from(text) });
    await sendTo(await packed("{}"));
    // Drawn digits do not shrink to a hundredth, as records do not.
    const digits = Array.from({ length: 4_000_000 }, (_, at) => (at * 7_919) % 9_973).join(",");
    const archive = await packed(`{"a":[${digits}]}`);
    const { answer, busy } = await watched(() => sendTo(archive));
    expect(answer.errors).toMatchObject([{ message: expect.stringMatching(/does not list files/) }]);
    expect(busy).toBeLessThan(0.5);
  });

  it("many files that say how large they are not", async () => {
    const bytes = await zipped({ "ro-crate-metadata.json": Buffer.alloc(900_000, "[") });
    const answer = await send(bytes);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/deeper than 100/) }] });
  });
});

describe("names and dates that mean something else to a program", () => {
  it.each(["constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"])(
    "a hyperparameter called %s is unknown",
    async (name) => {
      const answer = await api.call("POST", "/sweeps/preview", {
        body: { ...smallStudy, search: { method: "grid", parameters: { [name]: [1, 2] } } },
      });
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
      expect(answer.status, answer.text).toBeLessThan(500);
      expect(answer.text).toContain(name);
    },
  );

  it.each([
    ["-271821-04-20T00:00:00Z", 400],
    ["-004714-01-01", 400],
    ["0000-01-01", 400],
    ["+275760-09-13T00:00:00Z", 400],
    ["0001-01-01", 200],
    ["9999-12-31", 200],
  ])("runs that began before %s: %i", async (date, status) => {
    const filter = encodeURIComponent(`startedAt < '${date}'`);
    const answer = await api.call("GET", `/runs?filter=${filter}`);
    expect(answer.status, answer.text).toBe(status);
  });
});

describe("what is no request that a route could be asked for", () => {
  /** Sends bytes as they are. @returns the answer: status and problem */
  async function answerTo(bytes: string) {
    const address = new URL(await listening());
    const socket = connect(Number(address.port), address.hostname);
    socket.write(bytes);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    return { head, problem: problem.parse(JSON.parse(body)) };
  }

  it.each([
    [
      "an address of 20,000 signs",
      431,
      `GET /api/v1/runs?arm=${"x".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    ],
    ["a first line that is none", 400, "HELLO\r\n\r\n"],
  ])("%s is refused by a problem", async (_, status, bytes) => {
    const { head, problem: refused } = await answerTo(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/content-type: application\/problem\+json/);
    expect(refused).toMatchObject({ type: "/problems/invalid-request", status });
  });
});
