import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, verification, verificationList } from "@reprise/contracts";
import { getPreset } from "@reprise/study";
import { z } from "zod";
import { type Api, sweepUntil } from "../support/api.js";

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

/** Its program switches settings and reseeds itself in every other run, and tells what they are after each epoch. */
const overriding = {
  name: "a program that overrides its settings",
  description: "What is said of runs whose training program does not do as their arm asks?",
  trainer: "overriding",
  dataset: "toy",
  base: { observe: true, overrideEvery: 2 },
  seeds: [42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
  analysisPlan: { primaryMetric: "testAccuracy" },
};

/** A worker's configuration file that names that program, written to `folder`; its path. */
export function overridingWorker(folder: string): string {
  const program = fileURLToPath(new URL("../contract/trainers/overriding-trainer.mjs", import.meta.url));
  const path = join(folder, "pictured-worker.yaml");
  const trainers = [{ name: overriding.trainer, command: process.execPath, args: [program] }];
  writeFileSync(path, JSON.stringify({ trainers }));
  return path;
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

/**
 * Trains the studies of the pictures: the quickstart, a grid on digits, a tiny CLIP, one that diverges, one of a program that
 * overrides its settings (its worker needs `overridingWorker`), three seeds, patients, one whose record contradicts itself.
 * `whileRunning` is called once, when a third of the quickstart has ended. Takes some five minutes on two quiet cores.
 */
export async function pictureStudies(
  api: Api,
  url: string,
  whileRunning: (sweepId: string) => Promise<void>,
) {
  const { id: quickstart } = await api.call<{ id: string }>(
    "/sweeps?preset=quickstart",
    specOf("quickstart"),
  );
  const third = await sweepUntil(
    api,
    url,
    quickstart,
    ({ runCounts, totalRuns }) => runCounts.succeeded >= totalRuns / 3,
    patience,
  );
  await whileRunning(third.id);
  const others = [
    await api.createSweep(digits),
    await api.createSweep(smallClip()),
    await api.createSweep(diverging),
    await api.createSweep(overriding),
    await api.createSweep(threeSeeds),
    await api.createSweep(specOf("patients")),
  ];
  for (const id of [quickstart, ...others.map((sweep) => sweep.id)]) {
    const { name, status } = await sweepUntil(api, url, id, undefined, patience);
    if (status !== "succeeded") throw new Error(`${name} has ${status}`);
  }
  const [free, other] = (await api.runs(quickstart)).filter(
    ({ arm, seed, configurationLabel }) =>
      arm === "free" && seed === 42 && configurationLabel.startsWith("adam"),
  );
  if (!free || !other) throw new Error("the quickstart has no free runs of Adam");
  await repeated(api, free.id);
  const diverged = (await api.runs(others[2]?.id ?? "")).find((run) => run.diverged !== null);
  const departed = (await api.runs(others[3]?.id ?? "")).find(
    ({ arm, departures }) => arm === "det" && departures > 0,
  );
  return {
    quickstart,
    digits: others[0]?.id ?? "",
    clip: others[1]?.id ?? "",
    diverging: others[2]?.id ?? "",
    diverged: diverged?.id ?? "",
    overriding: others[3]?.id ?? "",
    departed: departed?.id ?? "",
    threeSeeds: others[4]?.id ?? "",
    patients: others[5]?.id ?? "",
    contradicting: await contradictingStudy(api),
    free: free.id,
    other: other.id,
  };
}
