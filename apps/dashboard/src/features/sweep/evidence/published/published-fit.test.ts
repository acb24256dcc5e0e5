import { referenceStudy } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { fittingTable } from "./published-fit.js";

const study = (name: string, datasets: readonly string[], subjects: readonly string[]) =>
  referenceStudy.parse({
    name,
    title: name,
    summary: "",
    design: [],
    provenance: [],
    claims: [],
    tables: [
      {
        name: "Table 1",
        columns: [
          { key: "dataset", role: "identity" },
          ...subjects.map((subject, at) => ({ key: `rate${at}`, role: "accuracy", subject })),
        ],
        rows: datasets.map((dataset) => [dataset, ...subjects.map(() => "0.5")]),
      },
    ],
  });
const studies = [
  study("cuda-randomness", ["CIFAR-10", "SDNET2018"], []),
  study("clip-hyperparameters", [], ["LC25000 (Lung)", "PatchCamelyon"]),
];
const fit = (dataset: string, preset: string | null = null, questions: string[] = []) =>
  fittingTable(studies, { preset, dataset, questions });

describe("the published table that a sweep opens on", () => {
  it("is about the sweep's own data set, however that is spelt", () => {
    expect(fit("sdnet2018")).toEqual({
      reference: "cuda-randomness",
      dataset: "SDNET2018",
      analysis: "determinism",
    });
  });

  it("is about the evaluation sets of a zero-shot study", () => {
    const one = { reference: "clip-hyperparameters", dataset: "PatchCamelyon", analysis: "classification" };
    expect(fit("quilt-1m", null, ["patchCamelyon", "digits"])).toEqual(one);
    expect(fit("quilt-1m", null, ["patchCamelyon", "lc25000Lung"])).toEqual({ ...one, dataset: "all" });
  });

  it("is none where nothing was published on that data, in the study that the preset comes from", () => {
    expect(fit("digits", "clip/laptop-set1", ["digits"])).toMatchObject({
      reference: "clip-hyperparameters",
      dataset: "",
    });
    expect(fit("wdbc", "quickstart")).toMatchObject({ reference: "cuda-randomness", dataset: "" });
  });
});
