import { parseSweepSpec, type TrainerCapabilities } from "@reprise/contracts";
import { checkAgainstTrainer, listPresets } from "@reprise/study";
import { buildTrainer, describeTfjsTrainer } from "@reprise/tfjs-trainer";
import { beforeAll, describe, expect, it } from "vitest";

/** Sweeps for the built-in trainer; others name a program that a worker has to know first. */
const sweeps = listPresets().flatMap(({ name, parts, spec: document }) => {
  if (parts.length > 0) return [];
  const spec = parseSweepSpec(document);
  if (!spec.ok) throw new Error(`${name}: ${JSON.stringify(spec.errors)}`);
  return spec.value.trainer === "tfjs" ? [{ name, spec: spec.value }] : [];
});

describe("what comes with Reprise can be run by what comes with Reprise", () => {
  let trainer: TrainerCapabilities;
  beforeAll(async () => {
    await buildTrainer();
    trainer = await describeTfjsTrainer();
  });

  it.each(sweeps)("preset $name", ({ spec }) => {
    // Large data sets are brought by their users.
    const errors = checkAgainstTrainer(spec, [trainer]).filter(
      ({ message }) => message !== "this dataset is not there",
    );
    expect(errors).toEqual([]);
  });
});
