import { sweepOrigin, sweepSpec } from "@reprise/contracts";
import { expect, it } from "vitest";
import { missingCells, withoutSharedSeeds } from "./missing-cells.js";

const arms = [{ name: "free", execution: { order: "free" }, repeats: 2 }] as const;
const spec = sweepSpec.parse({
  name: "imported",
  trainer: "external",
  dataset: "wdbc",
  search: { method: "external" },
  seeds: [1, 2],
  arms,
});
const origin = sweepOrigin.parse({
  format: "mlflow-file",
  at: "2026-11-30T00:00:00.000Z",
  decisions: {},
  design: { seed: "seed", arm: null, configuration: ["optimizer"], nuisance: [], bound: {} },
  ...{ unbalanced: [], unknowable: [] },
});
const made = (optimizer: string, seed: number, status: "succeeded" | "failed" = "succeeded") => ({
  ...{ configurationKey: optimizer, configurationLabel: optimizer, seed, arm: "free", status },
  ...{ params: { optimizer, epochs: 3, node: "a" }, excludedReason: null },
});
const hyper = (...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [name, { type: "any", description: "", default: null, nullable: true }] as const),
  );
const trainer = (...names: string[]) => ({
  capabilities: { name: "here", hyperparameters: hyper(...names) },
});
const items = [made("adam", 1), made("adam", 2), made("sgd", 1), made("sgd", 2, "failed")];

it("cells without a complete run become a study of a trainer that has the configuration's hyperparameters", () => {
  const found = missingCells({ name: "imported", spec, origin }, { items, nextCursor: null }, [
    trainer("depth"),
    trainer("optimizer", "epochs"),
  ]);
  expect(found).toMatchObject({ trainer: "here", cells: 1 });
  expect(sweepSpec.parse(found?.spec)).toMatchObject({
    ...{ name: "imported: missing cells", trainer: "here", seeds: [2] },
    base: { optimizer: "sgd", epochs: 3 },
    arms: [{ name: "free", repeats: 2 }],
  });
});

it("nothing is offered where no trainer knows the configuration, nothing is missing, or not all runs are at hand", () => {
  const study = { name: "imported", spec, origin };
  const all = { items, nextCursor: null };
  expect(missingCells(study, all, [trainer("epochs")])).toBeNull();
  expect(missingCells(study, { ...all, nextCursor: "more" }, [trainer("optimizer")])).toBeNull();
  const whole = { items: [...items.slice(0, 3), made("sgd", 2)], nextCursor: null };
  expect(missingCells(study, whole, [trainer("optimizer")])).toBeNull();
});

it("the same seeds are advised only where seeds differ, not where each configuration ran once at one seed", () => {
  const compared = { arm: "free", comparisons: [{ a: "sgd", b: "adam", design: "none" as const }] };
  expect(withoutSharedSeeds(compared, [made("adam", 1), made("sgd", 1)])).toBe(0);
  expect(withoutSharedSeeds(compared, [made("adam", 1), made("sgd", 2)])).toBe(1);
  // Seeds without a result are none.
  expect(withoutSharedSeeds(compared, [made("adam", 2), made("sgd", 1), made("sgd", 2, "failed")])).toBe(1);
});
