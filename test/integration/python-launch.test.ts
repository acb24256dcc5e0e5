import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  determinismAnalysis,
  environment,
  evidence,
  pageOf,
  run,
  runDetail,
  runDiff,
  runLadder,
  runMetrics,
  sweep as sweepSchema,
} from "@reprise/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { z } from "zod";
import { python, pythonPackage, torchMissing } from "../support/python.js";
import { startTestServer } from "../support/test-server.js";
import { warmPython } from "../support/warm-python.js";

const missing = torchMissing();
const scripts = fileURLToPath(new URL("../scripts/", import.meta.url));
/** Nobody listens there. */
const nowhere = "http://127.0.0.1:9";

let server: Awaited<ReturnType<typeof startTestServer>>;
let spool: string;
let warm: Awaited<ReturnType<typeof warmPython>> | undefined;
beforeAll(async () => {
  server = await startTestServer();
  if (!missing) warm = await warmPython();
});
// Each has its own: on a slow machine one may leave reports behind that are sent later.
beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), "reprise-spool-"));
  onTestFinished(() => rmSync(spool, { recursive: true }));
});
afterAll(async () => {
  await warm?.close();
  await server.close();
});

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const answer = await fetch(`${server.url}/api/v1${path}`);
  return schema.parse(await answer.json());
}

/** A program of Python to its end, in an interpreter that has PyTorch already unless another is named. */
async function started(words: string[], more: Record<string, string> = {}, by = warm?.path ?? python) {
  const child = spawn(by, words, {
    env: {
      ...process.env,
      ...{ REPRISE_URL: server.url, REPRISE_SPOOL: spool, PYTHONPATH: pythonPackage },
      ...more,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = await once(child, "close");
  return { code, signal, said, id: /\/runs\/([0-9a-f-]{36})/.exec(said)?.[1] ?? "" };
}

/** `python -m reprise …` to its end. */
const reprise = (words: string[], url = server.url, more: Record<string, string> = {}) =>
  started(["-m", "reprise", ...words], { REPRISE_URL: url, ...more });

/** The only run of a study. */
async function runOf(study: string) {
  const { items } = await get("/sweeps", pageOf(sweepSchema));
  const sweep = items.find(({ name }) => name === study);
  const runs = await get(`/runs?sweepId=${sweep?.id}`, pageOf(run));
  return get(`/runs/${runs.items[0]?.id}`, runDetail);
}

const claimsOf = ({ claims }: z.output<typeof runDetail>) =>
  Object.fromEntries(
    claims.map(({ subject, known, departs }) => [subject, departs ? `${known}, departs` : known]),
  );

describe("a PyTorch script that knows nothing of Reprise", () => {
  beforeEach(({ skip }) => {
    if (missing) skip(missing);
  });

  it("is a run with what was observed, every loss, its environment, and one digest for equal bits", async () => {
    const words = ["run", "--study", "plain", "--arm", "det", join(scripts, "plain-torch.py"), "--seed", "5"];
    // As everybody starts it: settings are applied before anything imports PyTorch.
    const cold = () => started(["-m", "reprise", ...words], {}, python);
    const [first, second] = [await cold(), await cold()];
    expect(first.said).toContain("arm det, seed 5");
    expect([first.code, second.code], first.said + second.said).toEqual([0, 0]);
    const detail = await get(`/runs/${first.id}`, runDetail);
    expect(detail).toMatchObject({ status: "succeeded", seed: 5, arm: "det", departures: 0 });
    expect(claimsOf(detail)).toMatchObject({
      algorithms: "observed",
      // Nothing used CUDA: neither was in effect.
      autotune: "requested",
      tf32: "requested",
      seed: "observed",
      split: "requested",
    });
    const { series } = await get(`/runs/${first.id}/metrics`, runMetrics);
    expect(series.loss?.steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    // Nothing but results of training is a metric, so that none but them is judged.
    expect(Object.keys(series)).toEqual(["loss"]);
    expect((await get(`/runs/${second.id}`, runDetail)).digest).toBe(detail.digest);
    const { values } = await get(`/environments/${detail.environmentId}`, environment);
    expect(values).toMatchObject({
      "package.torch": expect.stringMatching(/^\d+\.\d+/),
      "code.commit": expect.stringMatching(/^[\da-f]{40}$/),
      // The digest of what differs from the commit, if anything does.
      "code.dirty": expect.toSatisfy((dirty) => dirty === false || /^[\da-f]{64}$/.test(String(dirty))),
      "code.files": createHash("sha256")
        .update(readFileSync(join(scripts, "plain-torch.py")))
        .digest("hex"),
    });
    const { headline } = await get(
      `/sweeps/${detail.sweepId}/analyses/determinism?metric=loss`,
      determinismAnalysis,
    );
    expect(headline.sentence).toContain("Deterministic executions repeat to the bit");
  });

  it("is caught where it does not run as its arm asks, by name and step", async () => {
    const { id, said } = await reprise(["run", "--arm", "det", join(scripts, "overriding-torch.py")]);
    const detail = await get(`/runs/${id}`, runDetail);
    expect(claimsOf(detail), said).toMatchObject({
      algorithms: "observed, departs",
      autotune: "observed, departs",
      seed: "observed, departs",
      tf32: "observed, departs",
    });
    expect(detail.claims.find(({ subject }) => subject === "algorithms")?.reason).toBe(
      "torch.use_deterministic_algorithms was observed as false from step 10 to step 20, set in overriding-torch.py:9; true was requested.",
    );
    const { contradictions, arm, coverage, gaps } = await get(`/runs/${id}/evidence`, evidence);
    expect(contradictions).toContainEqual(
      expect.objectContaining({
        name: "torch.backends.cudnn.benchmark",
        requested: false,
        observed: true,
        step: 10,
        where: "overriding-torch.py:10",
      }),
    );
    expect(contradictions.map(({ sentence }) => sentence)).toContain(
      "torch.backends.cuda.matmul.allow_tf32 was observed as true from step 10 to step 20, set in overriding-torch.py:12; false was requested.",
    );
    expect(contradictions.map(({ name, where }) => [name, where])).toContainEqual([
      "torch.initial_seed",
      "overriding-torch.py:11",
    ]);
    expect(arm).toMatchObject({ name: "det", held: false });
    expect(coverage).toMatchObject({ level: "complete", lastStep: 20, ranks: [0] });
    expect(gaps).toEqual([]);
  });

  it("shows what its optimizers, schedule and loader really use, and what was asked for and is not used", async () => {
    const words = ["run", "--arm", "det", "--seed", "3", join(scripts, "scheduled-torch.py")];
    const { id, said } = await reprise([
      ...words,
      ...["--lr", "0.2", "--weight-decay", "5e-4", "--seed", "3"],
    ]);
    const { observed, contradictions } = await get(`/runs/${id}/evidence`, evidence);
    const seen = (name: string) =>
      observed.filter((look) => look.name === name).map(({ step, toStep, value }) => [step, toStep, value]);
    expect(seen("optimizer.type"), said).toEqual([[1, 1, "SGD"]]);
    expect(seen("optimizer.lr")).toEqual([
      [1, 1, 0.2],
      [4, 6, 0.1],
    ]);
    expect(seen("optimizer.group2.lr")).toEqual([
      [1, 1, 0.02],
      [4, 6, 0.01],
    ]);
    expect(seen("loader.batch_size")).toEqual([[0, 0, 32]]);
    expect(contradictions.map(({ sentence }) => sentence)).toEqual([
      "optimizer.weight_decay was observed as 0 from step 1 to step 6, set in scheduled-torch.py:17; 0.0005 was requested (weight_decay).",
    ]);
    const { rungs } = await get(`/runs/${id}/ladder`, runLadder);
    expect(rungs.filter(({ kind }) => kind === "dataOrder").map(({ position }) => position)).toEqual([0, 1]);
  });

  it("tells of a crash by its error and the lines of the script that led to it", async () => {
    const { code, id, said } = await reprise(["run", join(scripts, "crashing.py")]);
    expect(code, said).toBe(1);
    const { error } = await get(`/runs/${id}`, runDetail);
    expect(error).toMatchObject({ kind: "user", message: "KeyError: 'label'" });
    expect(error?.lastLines?.[0]).toBe("Traceback (most recent call last):");
    expect(error?.lastLines?.[1]).toContain('crashing.py", line 8, in <module>');
    expect(error?.lastLines?.at(-1)).toBe("KeyError: 'label'");
  });

  it("parts from its repetition at a step and in tensors that their difference names", async () => {
    const words = ["run", "--study", "parting", join(scripts, "parting-torch.py")];
    const every = { REPRISE_DIGEST_BUDGET: "inf" };
    const [a, b] = [await reprise(words, server.url, every), await reprise(words, server.url, every)];
    const { ladder } = await get(`/runs/${a.id}/diff/${b.id}`, runDiff);
    expect(ladder.parting, a.said + b.said).toMatchObject({
      kind: "step",
      position: 7,
      lossDiffers: true,
      part: "gradient",
      tensors: ["0.weight", "0.bias", "2.weight", "2.bias"],
    });
    expect(ladder.matched).toBeGreaterThanOrEqual(6);
    const { said } = await reprise([
      ...["locate", "--run", a.id, "--run", b.id],
      join(scripts, "parting-torch.py"),
    ]);
    expect(said).toContain("aten.add_.Tensor (parting-torch.py:12)");
    for (const { id } of [a, b])
      expect((await get(`/runs/${id}/evidence`, evidence)).divergence).toMatchObject({
        runIds: [a.id, b.id],
        parted: { step: 7, operation: "aten.add_.Tensor", line: "parting-torch.py:12" },
      });
  });

  it("is one run of several processes, each of which is looked into", async () => {
    const torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"];
    const words = ["-m", "reprise", "run", "--study", "ranks", "--arm", "det", "--seed", "7"];
    const script = join(scripts, "ranks-torch.py");
    const { id, said } = await started([...torchrun, ...words, script], { SWITCH_RANK: "1" });
    const { contradictions, coverage, gaps } = await get(`/runs/${id}/evidence`, evidence);
    expect(coverage, said).toMatchObject({ ranks: [0, 1], lastStep: 5 });
    // The seed of a rank is the run's and its own number.
    expect(contradictions.map(({ name, rank }) => [name, rank])).toEqual([
      ["torch.backends.cudnn.benchmark", 1],
    ]);
    expect(gaps).toEqual([]);
    const { series } = await get(`/runs/${id}/metrics`, runMetrics);
    expect(series.loss?.steps).toEqual([1, 2, 3, 4, 5]);
    expect((await get(`/runs/${id}`, runDetail)).status).toBe("succeeded");
    // Weights and random states of each are those of the script alone.
    const alone = await started([...torchrun, script], { SWITCH_RANK: "1" });
    const bitsOf = (text: string) => [...text.matchAll(/rank \d: [\da-f]{64}/g)].map(String).sort();
    expect(bitsOf(said), alone.said).toHaveLength(2);
    expect(bitsOf(alone.said)).toEqual(bitsOf(said));
  });

  it("keeps in which operation two of its trainings part", async () => {
    const script = join(scripts, "scaled-torch.py");
    const { id } = await reprise(["run", "--arm", "det", "--seed", "2", script]);
    expect((await get(`/runs/${id}/evidence`, evidence)).divergence).toBeNull();
    const words = ["locate", "--run", id, "--second-env", "SCALE=2", script];
    const { code, said } = await reprise(words);
    expect(code, said).toBe(0);
    const { divergence } = await get(`/runs/${id}/evidence`, evidence);
    expect(divergence).toMatchObject({
      runIds: [id],
      parted: {
        ...{ class: "arguments-differ", step: 2, phase: "forward", operation: "aten.mul.Tensor" },
        line: expect.stringContaining("scaled-torch.py:14"),
      },
    });
    expect((await reprise(["locate", "--run", randomUUID(), script])).said).toMatch(/There is no run/);
  });

  it("does not begin, and leaves nothing behind, where the server refuses it", async () => {
    const words = ["run", "--seed", "9007199254740993", join(scripts, "plain-torch.py")];
    const { code, said } = await reprise(words);
    expect(code).toBe(1);
    expect(said).toMatch(/seed.*9007199254740993/);
    expect(readdirSync(spool)).toEqual([]);
  });

  it("loses nothing where no server answers, nor where it is killed; sync sends it once", async () => {
    const offline = await reprise(["run", "--study", "offline", join(scripts, "plain-torch.py")], nowhere);
    expect(offline.code, offline.said).toBe(0);
    expect(offline.said).toContain("python -m reprise sync");
    const killed = await reprise(
      ["run", "--study", "killed", join(scripts, "plain-torch.py"), "--kill-at", "30"],
      nowhere,
    );
    expect(killed.signal).toBe("SIGKILL");
    expect((await reprise(["sync"], nowhere)).said).toContain("0 sent, 2 left");
    expect((await reprise(["sync"])).said).toContain("2 sent, 0 left");
    expect((await reprise(["sync"])).said).toContain("0 sent, 0 left");
    const whole = await runOf("offline");
    expect(whole).toMatchObject({ status: "succeeded" });
    expect((await get(`/runs/${whole.id}/metrics`, runMetrics)).series.loss?.steps).toHaveLength(40);
    const torso = await runOf("killed");
    expect(torso.status).toBe("running");
    expect((await get(`/runs/${torso.id}/metrics`, runMetrics)).series.loss?.steps).toHaveLength(30);
  });

  it("goes on as the next attempt of a run that was killed, by its id", async () => {
    const words = ["--study", "resumed", join(scripts, "plain-torch.py")];
    const killed = await reprise(["run", ...words, "--kill-at", "30"]);
    expect(killed.signal).toBe("SIGKILL");
    const again = await reprise(["run", "--resume", killed.id, ...words]);
    expect(again.code, again.said).toBe(0);
    expect(again.id).toBe(killed.id);
    const detail = await get(`/runs/${again.id}`, runDetail);
    expect(detail).toMatchObject({ status: "succeeded", seed: 0 });
    expect(detail.attempts.map(({ status }) => status)).toEqual(["lost", "succeeded"]);
    const { series } = await get(`/runs/${again.id}/metrics`, runMetrics);
    expect(series.loss?.steps).toHaveLength(40);
    const refused = await reprise(["run", "--resume", killed.id, ...words]);
    expect(refused.code).toBe(1);
    expect(refused.said).toContain("The run has succeeded");
    expect(readdirSync(spool)).toEqual([]);
  });
});
