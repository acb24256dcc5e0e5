import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Parameters } from "@reprise/contracts";
import { buildTrainer, tfjsTrainerCommand } from "@reprise/tfjs-trainer";
import { type Candidate, trainerCommand } from "@reprise/trainers";
import { python, pythonPackage, torchMissing } from "../../support/python.js";

/** A trainer under the battery. */
export type Examined = Candidate & {
  /** Titles of checks, none of them mandatory, that it is known not to meet. */
  lacks: readonly string[];
  /** Why it cannot be examined on this machine, with the way out. */
  missing: string | null;
  /** Speaks the protocol itself, and reports per epoch; what makes its training diverge. */
  speaks: { diverging: Parameters; printing: Parameters | null; misbehaves: boolean } | null;
};

const example = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const unobserved = "is observed from inside";
const unpredicted = "tells the predictions of held-out cases";
const undigested = [
  "tells a digest of its final weights",
  "repeats to the bit in a deterministic arm",
  "trains otherwise with another seed",
];

const tiny = {
  dataset: "toy",
  short: { epochs: 3 },
  long: { epochs: 100_000, pauseMs: 20 },
  lacks: [unobserved],
  missing: null,
  speaks: { diverging: { epochs: 2, fault: "nan" }, printing: { epochs: 2, print: true }, misbehaves: true },
};

export const tinyTrainer = trainerCommand.parse({
  name: "tiny",
  command: process.execPath,
  args: [example("tiny-trainer.mjs")],
});

/** One that may be started before its run is known, and reports how it was started. */
export const aheadTrainer = trainerCommand.parse({
  name: "ahead",
  command: process.execPath,
  args: [example("ahead-trainer.mjs")],
});

/**
 * The Python that is found, or null: the same trainer exists in JavaScript, so that the battery runs everywhere.
 */
export function findPython(): string | null {
  for (const name of ["python3", "python"]) {
    try {
      const found = execFileSync(
        name,
        ["-c", "import sys; print(sys.executable if sys.version_info >= (3, 9) else '')"],
        {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        },
      ).trim();
      if (found) return found;
    } catch {
      // The next name.
    }
  }
  return null;
}

/** The trainer for classification with PyTorch, which is a module of the Python package. */
export const torchClassification = trainerCommand.parse({
  name: "torch-classification",
  command: python,
  args: ["-m", "reprise.trainers.classification"],
  env: { PYTHONPATH: pythonPackage, PYTHONDONTWRITEBYTECODE: "1" },
});

/** The trainer of the study torch/laptop, whose gradients race on any processor. */
export const torchLaptop = trainerCommand.parse({
  ...torchClassification,
  name: "torch-laptop",
  args: ["-m", "reprise.trainers.laptop"],
});

/** Every kind of trainer there is; builds the built-in one. @param torchPython starts those that need PyTorch */
export async function examinedTrainers(torchPython = python): Promise<Examined[]> {
  await buildTrainer();
  const ownPython = findPython();
  const noPython = ownPython ? null : "no Python 3.9 or newer is found";
  const noTorch = torchMissing();
  const interpreter = ownPython ?? "python3";
  const scripts = fileURLToPath(new URL("../../scripts/", import.meta.url));
  const named = (name: string, rest: object) => trainerCommand.parse({ name, ...rest });
  return [
    {
      command: named("tfjs", tfjsTrainerCommand()),
      dataset: "wdbc",
      short: { hiddenUnits: [8], epochs: 3 },
      long: { hiddenUnits: [64, 64], epochs: 100_000 },
      lacks: [unobserved],
      missing: null,
      speaks: {
        diverging: { hiddenUnits: [8], epochs: 3, optimizer: "sgd", learningRate: 1e30, batchNorm: false },
        printing: null,
        misbehaves: false,
      },
    },
    { ...tiny, command: tinyTrainer },
    {
      ...tiny,
      command: named("tiny-python", { command: interpreter, args: [example("tiny_trainer.py")] }),
      missing: noPython,
    },
    {
      command: named("shell", {
        command: `sh "${example("tiny-trainer.sh")}" --epochs {epochs} --rate {learningRate} --pause {pause} --seed {seed}`,
      }),
      dataset: "any",
      short: { epochs: 3, learningRate: 0.25 },
      long: { epochs: 100_000, pause: 0.02 },
      lacks: [unobserved, unpredicted],
      missing: null,
      speaks: null,
    },
    {
      command: named("python-template", {
        command: `"${interpreter}" "${scripts}plain-argparse.py" --learning-rate {learningRate} --epochs {epochs} --pause {pause} --momentum {momentum} --seed {seed}`,
      }),
      dataset: "any",
      short: { learningRate: 0.25, epochs: 3, momentum: true },
      long: { epochs: 100_000, pause: 0.02 },
      lacks: undigested,
      missing: noPython,
      speaks: null,
    },
    {
      command: { ...torchClassification, command: torchPython },
      dataset: "wdbc",
      short: { hiddenUnits: [8], epochs: 3 },
      long: { hiddenUnits: [64, 64], epochs: 100_000 },
      lacks: [],
      missing: noTorch,
      speaks: {
        diverging: { hiddenUnits: [8], epochs: 3, optimizer: "sgd", learningRate: 1e30 },
        printing: null,
        misbehaves: false,
      },
    },
    {
      command: { ...torchLaptop, command: torchPython },
      dataset: "digits",
      short: { width: 8, epochs: 3 },
      long: { epochs: 100_000 },
      lacks: [],
      missing: noTorch,
      speaks: {
        diverging: { width: 8, epochs: 3, learningRate: 1e30 },
        printing: null,
        misbehaves: false,
      },
    },
    {
      command: named("torch-template", {
        command: `"${torchPython}" "${scripts}plain-torch.py" --lr {learningRate} --steps {steps} --seed {seed}`,
      }),
      dataset: "any",
      short: { learningRate: 0.05, steps: 10 },
      long: { steps: 100_000_000 },
      lacks: [unpredicted],
      missing: noTorch,
      speaks: null,
    },
  ];
}
