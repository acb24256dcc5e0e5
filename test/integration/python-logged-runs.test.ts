import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runDetail, runMetrics, sweep } from "@reprise/contracts";
import { connectDatabase, type DatabasePool, recoverLostRuns } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { z } from "zod";
import { startTestServer } from "../support/test-server.js";

const pythonPackage = fileURLToPath(new URL("../../packages/python/src", import.meta.url));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

let server: Awaited<ReturnType<typeof startTestServer>>;
let db: DatabasePool;
beforeAll(async () => {
  server = await startTestServer();
  db = connectDatabase({ url: server.databaseUrl });
});
afterAll(async () => {
  await db.close();
  await server.close();
});

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const answer = await fetch(`${server.url}/api/v1${path}`);
  return schema.parse(await answer.json());
}

/** A Python program with `api`, whose lines are read one by one. */
function python(code: string) {
  const child: ChildProcess = spawn(
    "python3",
    ["-u", "-c", `from reprise import *\napi = Reprise()\n${code}`],
    {
      env: { ...process.env, REPRISE_URL: server.url, PYTHONPATH: pythonPackage },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  if (!child.stdout) throw new Error("no stdout");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close");
  return {
    child,
    line: async () => String((await lines.next()).value),
    say: (text: string) => child.stdin?.write(`${text}\n`),
    end: async () => {
      const [code] = await ended;
      return { code, errors };
    },
  };
}

/** Lets the lease run out soon; whoever is alive renews it. */
const nearlyLost = (id: string) =>
  db.prisma.run.update({ where: { id }, data: { leaseExpiresAt: new Date(Date.now() + 60_000) } });
const leaseLeft = async (id: string) => {
  const found = await db.prisma.run.findUniqueOrThrow({ where: { id }, select: { leaseExpiresAt: true } });
  return (found.leaseExpiresAt?.getTime() ?? 0) - Date.now();
};
const loseNow = async (id: string) => {
  await recoverLostRuns(db, new Date(Date.now() + 24 * 60 * 60 * 1000));
  expect((await get(`/runs/${id}`, runDetail)).attempts.at(-1)?.status).toBe("lost");
};

describe.skipIf(!hasPython)("a run that Python logs", () => {
  it("is kept alive by a thread through a long silence and a fork, and lost once it is killed", async () => {
    const program = python(`
import os
run = api.log_run(lease_seconds=10, seed=1)
print(run.id)
input()
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
print("forked")
input()
`);
    const id = await program.line();
    await expect.poll(() => leaseLeft(id), { timeout: 30_000 }).toBeLessThanOrEqual(10_000);
    for (const then of ["", "forked"]) {
      await nearlyLost(id);
      await expect.poll(() => leaseLeft(id), { timeout: 30_000 }).toBeLessThanOrEqual(10_000);
      if (then !== "") break;
      program.say("fork");
      expect(await program.line()).toBe("forked");
    }
    program.child.kill("SIGKILL");
    await program.end();
    await loseNow(id);
    expect(await get(`/runs/${id}`, runDetail)).toMatchObject({ status: "failed", durationMs: null });
  }, 120_000);

  it("leaves the interpreter in peace when it ends, finished or not, and is reported by a forked child", async () => {
    const program = python(`
import os, threading
left = api.log_run(seed=2)
done = api.log_run(seed=3)
done.finish()
both = api.log_run(seed=4)
child = os.fork()
if child == 0:
    both.log(1, loss=0.5)
    print(sum(thread.name == "reprise-heartbeat" for thread in threading.enumerate()))
    os._exit(0)
os.waitpid(child, 0)
both.log(2, loss=0.25)
both.finish()
print(left.id)
print(both.id)
`);
    expect(await program.line()).toBe("1");
    const left = await program.line();
    const both = await program.line();
    expect(await program.end()).toEqual({ code: 0, errors: "" });
    expect((await get(`/runs/${both}/metrics`, runMetrics)).series.loss?.values).toEqual([0.5, 0.25]);
    expect(await get(`/runs/${left}`, runDetail)).toMatchObject({ status: "running" });
    await loseNow(left);
  }, 120_000);

  it("comes back after a silence, and is fenced once it is resumed elsewhere", async () => {
    const program = python(`
from datetime import datetime, timedelta, timezone
started = datetime.now(timezone(timedelta(hours=2))) - timedelta(seconds=30)
run = api.log_run(study="resumed", dataset="slides", params={"lr": 0.1}, seed=5, started_at=started)
run.log(1, loss=0.5)
print(run.id, started.astimezone(timezone.utc).isoformat(timespec="milliseconds"))
input()
run.log(2, loss=0.4)
again = api.log_run(resume=run.id)
print(again.attempt, again.params["lr"], again.seed, again.sweep_id == run.sweep_id)
again.log(3, loss=0.3)
for late in (lambda: run.log(9, loss=99), lambda: run.finish("failed", "late")):
    try:
        late()
    except RepriseError as error:
        print(error.status, error.type)
again.finish()
try:
    api.log_run(resume=run.id, params={"lr": 0.2})
except TypeError as error:
    print(error)
same = api.log_run(study="resumed", seed=6)
print(same.sweep_id == run.sweep_id)
same.finish(ended_at=datetime.now(timezone.utc))
`);
    const [id = "", started = ""] = (await program.line()).split(" ");
    await loseNow(id);
    program.say("on");
    expect(await program.line()).toBe("2 0.1 5 True");
    expect(await program.line()).toBe("409 stale-attempt");
    expect(await program.line()).toBe("409 stale-attempt");
    expect(await program.line()).toContain("resume= takes a run as it is");
    expect(await program.line()).toBe("True");
    expect(await program.end()).toEqual({ code: 0, errors: "" });
    const { attempts, status, durationMs } = await get(`/runs/${id}`, runDetail);
    expect(attempts.map((attempt) => attempt.status)).toEqual(["lost", "succeeded"]);
    expect(new Date(attempts[0]?.startedAt ?? "")).toEqual(new Date(started));
    expect(status).toBe("succeeded");
    expect(durationMs).toBeGreaterThan(30_000);
    expect((await get(`/runs/${id}/metrics`, runMetrics)).series.loss?.steps).toEqual([1, 2, 3]);
  }, 120_000);

  it("reports and reads metrics of any name, and lists as many as are asked for", async () => {
    const program = python(`
names = ["image_to_text_R@1", "Business Score", "recall (TPR), macro", "5_fold_cv", "准确率", "metrics"]
run = api.log_run(study="names", seed=1)
run.log(1, {name: 0.5 for name in names[:-1]}, loss=1.0)
run.log(1, metrics=0.5)
run.series({"recall (TPR), macro": ([2, 3], [0.6, 0.7])}, loss=([2], [0.5]))
run.finish()
print(api.history(run.id, "recall (TPR), macro")[1])
print(sorted(api.histories(run.id, ["准确率", "loss"])) == ["loss", "准确率"])
row = api.table(run.sweep_id)[0]
print(all("metrics." + name in row for name in names))
print(list(api.runs(run.sweep_id, metrics=["recall (TPR), macro"])[0]["summary"]))
print(len(api.runs(run.sweep_id, filter="metrics.\`recall (TPR), macro\` > 0.6")))
try:
    run.log(2, {"a\\nb": 1})
except RepriseError as error:
    print(error.errors[0]["message"])
`);
    expect(await program.line()).toBe("[0.5, 0.6, 0.7]");
    expect(await program.line()).toBe("True");
    expect(await program.line()).toBe("True");
    expect(await program.line()).toBe("['recall (TPR), macro']");
    expect(await program.line()).toBe("1");
    expect(await program.line()).toContain("holds U+000A");
    expect(await program.end()).toEqual({ code: 0, errors: "" });
  }, 120_000);

  it("names parameters as the server does, and refuses what is none by its path", async () => {
    const program = python(`
import argparse, dataclasses, enum, json, pathlib
class Pooling(enum.Enum):
    MEAN = "mean"
@dataclasses.dataclass
class Head:
    units: tuple
    pooling: Pooling
given = argparse.Namespace(optimizer={"name": "adam", "betas": (0.9, 0.999)}, frozen=[True, False],
    kernel=[[1, 2], [3, 4]], layers=[{"units": 64}], extra={}, head=Head((8, 4), Pooling.MEAN), data=pathlib.Path("/data"), none=None)
run = api.log_run(given, name="nested")
run.log(1, tokens=2**60 + 1)
run.finish()
print(json.dumps(run.params, sort_keys=True))
from reprise.parameters import flat
print(flat(given) == run.params)
nested = {"optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "kernel": [[1, 2], [3, 4]], "extra": {}, "layers": [{"units": 64}, 3]}
print(flat(nested) == api.call("POST", "/runs", {"params": nested})["params"])
for params in ({"a": {"n": 2**53}}, {"a.b": 1, "a": {"b": 2}}, {"act": print}):
    try:
        api.log_run(params)
    except (ValueError, TypeError) as error:
        print(error)
try:
    api.preview({"name": "n", "dataset": "d", "seeds": [2**53]})
except ValueError as error:
    print(error)
`);
    expect(JSON.parse(await program.line())).toEqual({
      ...{ "optimizer.name": "adam", "optimizer.betas": [0.9, 0.999], frozen: [true, false] },
      ...{ "kernel.0": [1, 2], "kernel.1": [3, 4], "layers.0.units": 64, extra: null },
      ...{ "head.units": [8, 4], "head.pooling": "mean", data: "/data", none: null },
    });
    expect(await program.line()).toBe("True");
    expect(await program.line()).toBe("True");
    expect(await program.line()).toMatch(/^a\.n: 9007199254740992 is an integer beyond .* Give it as a text/);
    expect(await program.line()).toBe("a.b: is given twice, in two ways to write it");
    expect(await program.line()).toMatch(/^act: a builtin_function_or_method is not a value of a parameter/);
    expect(await program.line()).toMatch(/^seeds\.0: 9007199254740992 is an integer beyond/);
    expect(await program.end()).toEqual({ code: 0, errors: "" });
  }, 120_000);
});

it.skipIf(!hasPython)("declares what metrics are, with the first run and afterwards", async () => {
  const program = python(`
with api.log_run(study="declared", metrics={"val/acc": {"unit": "percent", "direction": "maximize"}}) as run:
    run.log(1, **{"val/acc": 91.2})
    run.log(2, **{"val/acc": 90.8})
print(run.sweep_id)
print(api.declare(run.sweep_id, {"val/acc": {"label": "accuracy on slides"}})["metrics"]["val/acc"]["label"])
print(run.id)
`);
  const sweepId = await program.line();
  expect(await program.line()).toBe("accuracy on slides");
  const runId = await program.line();
  expect(await program.end()).toEqual({ code: 0, errors: "" });
  const study = await get(`/sweeps/${sweepId}`, sweep);
  expect(study.spec.metrics).toEqual({ "val/acc": { unit: "percent", direction: "maximize" } });
  expect((await get(`/runs/${runId}`, runDetail)).summary["val/acc"]).toMatchObject({
    best: 91.2,
    bestStep: 1,
  });
});

it.skipIf(!hasPython)(
  "keeps packages, machine and state of the code with every attempt, unless told not to",
  async () => {
    const program = python(`
with api.log_run(study="environments", seed=1, environment={"stain": "H&E"}) as run: pass
study = api.launch({"name": "asked", "trainer": "external", "dataset": "slides", "search": {"method": "external"}})
asked = api.ask(study, {"lr": 0.1})
again = api.log_run(resume=asked.id)
bare = api.log_run(study="environments", seed=2, environment=False)
earlier = api.log_run(study="environments", seed=3, started_at="2026-01-01T00:00:00Z")
for each in (run, again, bare, earlier):
    environment = api.run(each.id)["environmentId"]
    values = {} if environment is None else api.call("GET", f"/environments/{environment}")["values"]
    print(*(name in values for name in ("python.version", "package.pip", "os.kernel", "code.commit", "stain")))
`);
    expect(await program.line()).toMatch(/^True (True|False) True True True$/);
    expect(await program.line()).toMatch(/^True (True|False) True True False$/);
    for (const _ of ["bare", "earlier"]) expect(await program.line()).toBe("False False False False False");
    expect(await program.end()).toEqual({ code: 0, errors: "" });
  },
);

it.skipIf(!hasPython)("tells what settings were when it looked, and reads where they departed", async () => {
  const program = python(`
with api.log_run(study="observed", mode="deterministic", seed=2**53 - 1) as run:
    run.observe("torch.use_deterministic_algorithms", True, 0)
    run.observe("torch.use_deterministic_algorithms", False, step=10)
    run.observe("seed", 2**53)
    run.observe("PYTHONHASHSEED", None)
settings = {setting["name"]: setting for setting in run.observations()["settings"]}
departure = settings["torch.use_deterministic_algorithms"]["departure"]
print(departure["kind"], departure["value"], departure["fromStep"])
print(settings["seed"]["last"], settings["seed"]["requested"], settings["PYTHONHASHSEED"])
print(len(api.observations(run.id)["stretches"]))
print(run.id)
`);
  expect(await program.line()).toBe("contradicts False 10");
  expect(await program.line()).toMatch(
    /^9007199254740992 9007199254740991 .*'last': None.*'departure': None/,
  );
  expect(await program.line()).toBe("4");
  const id = await program.line();
  expect(await program.end()).toEqual({ code: 0, errors: "" });
  expect(await get(`/runs/${id}`, runDetail)).toMatchObject({ departures: 2 });
});
