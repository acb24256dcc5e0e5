import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Run, run, type Sweep, verification, verificationList } from "@reprise/contracts";
import { getPreset } from "@reprise/study";
import { z } from "zod";
import { type Api, sweepUntil } from "../support/api.js";
import { python, pythonPackage } from "../support/python.js";

/** Longer than any of these studies takes on two slow cores, in milliseconds. */
const patience = 900_000;

/** A grid over three hyperparameters, small enough for a minute. */
const digits = {
  name: "width, rate and batch on digits",
  description:
    "Which of three hyperparameters matters most on handwritten digits, and does any matter more than the order of summation?",
  dataset: "digits",
  base: { model: "cnn", epochs: 4, optimizer: "adam" },
  search: {
    method: "grid",
    parameters: { learningRate: [0.003, 0.01], batchSize: [32, 128], batchNorm: [true, false] },
  },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 2 } },
  analysisPlan: {
    primaryMetric: "testAccuracy",
    contrasts: ["mode", "configuration"],
    margin: { testAccuracy: 0.01 },
  },
};

/** What many papers have: three seeds, and a comparison. */
const threeSeeds = {
  name: "three seeds",
  description: "Is Adam better than SGD, with three seeds each?",
  dataset: "wdbc",
  base: { model: "mlp", hiddenUnits: [64, 64], batchNorm: true, epochs: 8, batchSize: 32 },
  search: {
    method: "list",
    configurations: [
      { label: "Adam", optimizer: "adam", learningRate: 0.01 },
      { label: "SGD", optimizer: "sgd", learningRate: 0.05 },
    ],
  },
  seeds: [0, 1, 2],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 3 } },
  analysisPlan: {
    primaryMetric: "testAccuracy",
    contrasts: ["mode", "configuration"],
    margin: { testAccuracy: 0.01 },
  },
};

/** One of two learning rates is far too large: its runs end with NaN for weights, and one accuracy. */
const diverging = {
  name: "a learning rate that diverges",
  description: "What is said of a study in which half of the runs have no finite loss?",
  dataset: "wdbc",
  base: { model: "mlp", epochs: 4, batchSize: 32, optimizer: "sgd" },
  search: { method: "grid", parameters: { learningRate: [0.05, 1e30] } },
  seeds: [0],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
};

/** A script that overrides its settings, by the launcher; every other run is of a copy without the lines that do it. */
const overriding = {
  name: "a program that overrides its settings",
  description: "What is said of runs whose training program does not do as their arm asks?",
  trainer: "external",
  dataset: "random numbers",
  search: { method: "external" },
  seeds: [42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
  analysisPlan: { primaryMetric: "loss" },
};

/** Runs that script once for every place of the study; its id. A Python with PyTorch is needed (`torchMissing`). */
async function overridingStudy(api: Api, url: string): Promise<string> {
  const { id } = await api.createSweep(overriding);
  const script = fileURLToPath(new URL("../scripts/overriding-torch.py", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "pictured-script-"));
  try {
    const text = readFileSync(script, "utf8");
    const plain = text.replace(/^ {4}if step == 9:\n(?: {8}.*\n)+/m, "");
    if (plain === text) throw new Error(`${script} has no lines that override its settings`);
    const copy = join(folder, "plain-torch.py");
    writeFileSync(copy, plain);
    const { deterministic, nondeterministic } = overriding.modes;
    for (const [arm, { repeats }] of [["det", deterministic] as const, ["free", nondeterministic] as const])
      for (let repeat = 0; repeat < repeats; repeat++)
        await launched(url, arm, repeat % 2 === 1 ? script : copy, join(folder, "spool"));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return id;
}

/** `python -m reprise run` to its end. */
async function launched(url: string, arm: string, script: string, spool: string): Promise<void> {
  const seed = String(overriding.seeds[0]);
  const words = ["-m", "reprise", "run", "--study", overriding.name, "--arm", arm, "--seed", seed, script];
  const reprise = { REPRISE_URL: url, REPRISE_SPOOL: spool, PYTHONPATH: pythonPackage };
  await promisify(execFile)(python, words, { env: { ...process.env, ...reprise } });
}

/** Logged runs, two of which name one digest of their final weights and unequal accuracies. */
const contradicting = [
  { arm: "det", digest: "a", accuracies: [0.71, 0.84] },
  { arm: "det", digest: "a", accuracies: [0.74, 0.92] },
  { arm: "free", digest: "b", accuracies: [0.72, 0.88] },
  { arm: "free", digest: "c", accuracies: [0.73, 0.9] },
];

/** A study of them, as a program elsewhere tells of it; its id. */
async function contradictingStudy(api: Api): Promise<string> {
  const { id: sweepId } = await api.createSweep({
    name: "a record that contradicts itself",
    description: "What is said of runs with one digest of their weights and unequal accuracies?",
    trainer: "external",
    dataset: "slides",
    search: { method: "external" },
    seeds: [0],
    modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 2 } },
    objective: { metric: "validationAccuracy", direction: "maximize" },
  });
  for (const { arm, digest, accuracies } of contradicting) {
    const { id } = run.parse(await api.call("/runs", { sweepId, params: {}, seed: 0, arm }));
    const validationAccuracy = { steps: accuracies.map((_, index) => index + 1), values: accuracies };
    await api.call(`/runs/${id}/metrics`, { series: { validationAccuracy } });
    await api.call(`/runs/${id}/finish`, { digest: digest.repeat(64) });
  }
  return sweepId;
}

/** Twelve configurations, five seeds, six repeats: its runs are made up and told from outside, since only their number is looked at. */
const dense = {
  learningRates: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
  batchSizes: [32, 128],
  seeds: [0, 1, 2, 3, 4],
  repeats: { det: 2, free: 4 },
  epochs: [1, 2, 3, 4, 5, 6, 7, 8],
};

/** That study, in which deterministic runs of one row do not repeat and free ones of another do; its id. */
export async function denseStudy(api: Api): Promise<string> {
  const { learningRates, batchSizes, seeds, repeats, epochs } = dense;
  const { id: sweepId } = await api.createSweep({
    name: "twelve configurations, five seeds",
    description: "Which of 60 rows is not like the others?",
    trainer: "external",
    dataset: "slides",
    search: { method: "external" },
    seeds,
    modes: { deterministic: { repeats: repeats.det }, nondeterministic: { repeats: repeats.free } },
    analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } },
  });
  const rows = learningRates.flatMap((learningRate) =>
    batchSizes.flatMap((batchSize) => seeds.map((seed) => ({ learningRate, batchSize, seed }))),
  );
  for (const [row, { learningRate, batchSize, seed }] of rows.entries()) {
    const runs = Object.entries(repeats).flatMap(([arm, count]) =>
      Array.from({ length: count }, (_, repeat) => ({ arm, repeat })),
    );
    await Promise.all(
      runs.map(async ({ arm, repeat }) => {
        const params = { learningRate, batchSize };
        const { id } = run.parse(await api.call("/runs", { sweepId, seed, arm, repeat, params }));
        const isAlike = (arm === "det" && row !== 23) || (arm === "free" && row === 41);
        const copy = isAlike ? 0 : repeat + (arm === "det" ? 1 : 10);
        const end = 0.93 - 0.06 * Math.abs(Math.log10(learningRate / 0.01)) + 0.004 * Math.sin(7.3 * row);
        const noise = 0.006 * Math.sin(3.1 * row + 2.7 * copy);
        const accuracy = (epoch: number) => end + noise - 0.4 * Math.exp(-epoch / 2);
        const series = (value: (epoch: number) => number) => ({ steps: epochs, values: epochs.map(value) });
        await api.call(`/runs/${id}/metrics`, {
          series: {
            testAccuracy: series(accuracy),
            validationAccuracy: series((epoch) => accuracy(epoch) + 0.01),
            validationLoss: series((epoch) => 2.2 * (1 - accuracy(epoch))),
          },
        });
        await api.call(`/runs/${id}/finish`, {
          digest: (row * 100 + copy).toString(16).padStart(8, "0").repeat(8),
        });
      }),
    );
  }
  return sweepId;
}

function specOf(name: string): unknown {
  const preset = getPreset(name);
  if (!preset.ok) throw new Error(`the preset ${name} is gone`);
  return preset.value.spec;
}

/** The contrastive preset, with a third of its epochs and two of its seeds. */
function smallClip(): unknown {
  const { base, ...spec } = z.looseObject({ base: z.looseObject({}) }).parse(specOf("clip/laptop-set1"));
  return { ...spec, name: "tiny CLIP, loss and gathering", base: { ...base, epochs: 4 }, seeds: [0, 1] };
}

/** A free run of Adam, trained again twice: freely, and in its recorded order. */
async function repeated(api: Api, runId: string): Promise<void> {
  for (const kind of ["verify", "replay"]) {
    const { id } = verification.parse(await api.call(`/runs/${runId}/${kind}`, {}));
    for (const until = Date.now() + 300_000; ; ) {
      const { items } = verificationList.parse(await api.call(`/runs/${runId}/verifications`));
      const status = items.find((item) => item.id === id)?.status;
      if (status === "ended") break;
      if (status === "failed" || Date.now() > until) throw new Error(`${kind} of a free run: ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Begins work when it is first asked for, and only once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => (begun ??= work());
}

/**
 * The studies of the pictures, each made when it is first asked for: the quickstart with two of its free runs, a grid on digits, a tiny
 * CLIP, one that diverges, one of a script that overrides its settings (which needs PyTorch), three seeds, patients, one
 * whose record contradicts itself, and one of many rows. `whileRunning` is called once, when a third of the quickstart has ended. All of
 * them take some five minutes on two quiet cores.
 */
export function picturedStudies(api: Api, url: string, whileRunning: (sweepId: string) => Promise<void>) {
  const ended = async (id: string) => {
    const { name, status } = await sweepUntil(api, url, id, undefined, patience);
    if (status !== "succeeded") throw new Error(`${name} has ${status}`);
    return id;
  };
  const trained = (spec: () => unknown) => once(async () => ended((await api.createSweep(spec())).id));
  const withRun = (study: () => Promise<string>, isIt: (one: Run) => boolean) =>
    once(async () => {
      const sweepId = await study();
      const found = (await api.runs(sweepId)).find(isIt);
      if (!found) throw new Error("the study has no such run");
      return { sweepId, runId: found.id };
    });
  const quickstart = once(async () => {
    const { id } = await api.call<{ id: string }>("/sweeps?preset=quickstart", specOf("quickstart"));
    const isThird = ({ runCounts, totalRuns }: Sweep) => runCounts.succeeded >= totalRuns / 3;
    await whileRunning((await sweepUntil(api, url, id, isThird, patience)).id);
    await ended(id);
    const [free, other] = (await api.runs(id)).filter(
      ({ arm, seed, configurationLabel }) =>
        arm === "free" && seed === 42 && configurationLabel.startsWith("adam"),
    );
    if (!free || !other) throw new Error("the quickstart has no free runs of Adam");
    await repeated(api, free.id);
    return { sweepId: id, runId: free.id, otherRunId: other.id };
  });
  return {
    quickstart,
    digits: trained(() => digits),
    clip: trained(smallClip),
    diverging: withRun(
      trained(() => diverging),
      ({ diverged }) => diverged !== null,
    ),
    overriding: withRun(
      once(() => overridingStudy(api, url)),
      ({ arm, departures }) => arm === "det" && departures > 0,
    ),
    threeSeeds: trained(() => threeSeeds),
    patients: trained(() => specOf("patients")),
    contradicting: once(() => contradictingStudy(api)),
    dense: once(() => denseStudy(api)),
  };
}
