import { parseSweepSpec, type TrainerCapabilities } from "@reprise/contracts";
import { checkAgainstTrainer, listPresets } from "@reprise/study";
import { buildTrainer, describeTfjsTrainer } from "@reprise/tfjs-trainer";
import { describeTrainer } from "@reprise/trainers";
import { beforeAll, describe, expect, it } from "vitest";
import { torchMissing } from "../support/python.js";
import { torchLaptop } from "./trainers/battery.js";

/** Sweeps for one trainer that comes with Reprise; others name a program that a worker has to know first. */
const sweepsFor = (trainer: string) =>
  listPresets().flatMap(({ name, parts, spec: document }) => {
    if (parts.length > 0) return [];
    const spec = parseSweepSpec(document);
    if (!spec.ok) throw new Error(`${name}: ${JSON.stringify(spec.errors)}`);
    return spec.value.trainer === trainer ? [{ name, spec: spec.value }] : [];
  });

describe("what comes with Reprise can be run by what comes with Reprise", () => {
  let trainer: TrainerCapabilities;
  beforeAll(async () => {
    await buildTrainer();
    trainer = await describeTfjsTrainer();
  });

  it.each(sweepsFor("tfjs"))("preset $name", ({ spec }) => {
    // Large data sets are brought by their users.
    const errors = checkAgainstTrainer(spec, [trainer]).filter(
      ({ message }) => message !== "this dataset is not there",
    );
    expect(errors).toEqual([]);
  });

  // Those of the published study in PyTorch, on files of their own, are in torch-classification.test.ts.
  it.for(sweepsFor("torch-laptop"))("preset $name, with all that it needs", async ({ spec }, { skip }) => {
    const missing = torchMissing();
    if (missing) skip(missing);
    expect(checkAgainstTrainer(spec, [await describeTrainer(torchLaptop)])).toEqual([]);
  });
});
