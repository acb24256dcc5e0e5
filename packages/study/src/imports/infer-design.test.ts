import type { ForeignRun } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { UnknownColumnError } from "./chosen-columns.js";
import { inferDesign } from "./infer-design.js";
import { planImport } from "./plan-import.js";
import { factsOf } from "./run-facts.js";

type Given = Partial<
  Pick<ForeignRun, "name" | "params" | "tags" | "status" | "startedAt" | "gitCommit" | "doubtful">
> & {
  values?: number[];
};

let made = 0;
const run = ({ values = [0.5, 0.6], ...given }: Given) =>
  factsOf({
    source: { format: "mlflow-file", location: "runs", id: `run-${made++}`, held: true },
    ...{ name: "a run", params: {}, integers: [], tags: {}, status: "finished", error: null },
    ...{
      startedAt: null,
      endedAt: null,
      gitCommit: null,
      host: null,
      parent: null,
      group: null,
      jobType: null,
      stepMetric: null,
    },
    metrics: { val_acc: { steps: values.map((_, step) => step), values, precision: "float64" } },
    ...{ summary: {}, tables: [], artifacts: [], attempts: 1, doubtful: null, remarks: [] },
    ...given,
  });
const facts = (runs: Given[]) => ({
  ...{ format: "mlflow-file" as const, tagsAre: "tags", setAside: [], warnings: [] },
  runs: runs.map(run),
});
/** The runs that an import would write. */
const planned = (runs: Given[], decisions = {}) =>
  planImport(facts(runs), decisions).flatMap(({ runs: own }) => own);
const proposed = (runs: Given[], decisions?: Parameters<typeof inferDesign>[1]) =>
  inferDesign(facts(runs), decisions).proposal;

/** Two optimizers, two seeds, a deterministic flag, two repeats each; all as text, as MLflow has it. */
const study = ["adam", "sgd"].flatMap((optimizer) =>
  ["11", "12"].flatMap((seed) =>
    ["True", "False"].flatMap((flag) =>
      [0, 1].map(
        (repeat): Given => ({
          params: {
            optimizer,
            "args/seed": seed,
            use_deterministic_algorithms: flag,
            epochs: "5",
            "dropout.p": optimizer === "adam" ? "0.0" : "0.5",
            output_dir: `runs/${optimizer}-${seed}-${flag}-${repeat}`,
            slurm_job_id: `${7000 + made++}`,
            hostname: `node-${repeat}`,
          },
          values: flag === "True" ? [0.5, Number(seed)] : [0.5, Number(seed) + repeat],
        }),
      ),
    ),
  ),
);

describe("the proposed design of runs of another tracker", () => {
  it("tells seed, arm, configuration, constants, bound ones and identities apart by meaning", () => {
    const proposal = proposed(study);
    expect(proposal).toMatchObject({
      ...{ seed: "args/seed", arm: "use_deterministic_algorithms", configuration: ["optimizer"] },
      ...{ constant: ["epochs"], bound: { "dropout.p": "optimizer" } },
      nuisance: ["output_dir", "slurm_job_id", "hostname"],
    });
    expect(proposal.cells).toHaveLength(8);
    expect(proposal.cells.every(({ runs }) => runs === 2)).toBe(true);
    expect(proposal.questions.map(({ id }) => id)).toEqual(["seed", "arm", "configuration", "metric"]);
  });

  it("says whether what claims to be deterministic is equal as logged", () => {
    expect(proposed(study).arms).toEqual([
      { name: "det", value: true, deterministic: true, repeatedCells: 4, equalCells: 4 },
      { name: "free", value: false, deterministic: false, repeatedCells: 4, equalCells: 0 },
    ]);
  });

  it("numbers repeats by their start, whatever order they were read in", () => {
    const times = ["2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];
    const { runs } = proposed(times.map((startedAt) => ({ startedAt, params: { seed: 1 } })));
    expect(runs.map(({ repeat }) => repeat)).toEqual([2, 0, 1]);
  });

  it("reads seeds and configurations from names where there are no parameters, and never an arm", () => {
    const names = [
      "resnet_lr0.1_seed3_det",
      "resnet_lr0.1_seed4_free",
      "vgg_lr0.1_seed3_det",
      "vgg_lr0.1_seed4_free",
    ];
    const proposal = proposed(names.map((name) => ({ name })));
    expect(proposal).toMatchObject({ seed: "name[seed]", arm: null });
    expect(proposal.configuration).toContain("name[0]");
    expect(proposal.unknowable.join(" ")).toContain(
      "How a run was executed, deterministic or not, is not recorded.",
    );
  });

  it("takes numbers that look like seeds for some where no name says it, and says so", () => {
    const proposal = proposed(
      [42, 1337, 42, 1337].map((s, index) => ({ params: { q7: s, lr: index < 2 ? 0.1 : 0.2 } })),
    );
    expect(proposal).toMatchObject({ seed: "q7", configuration: ["lr"] });
    expect(proposal.questions[0]?.proposed).toContain("No name says seed");
  });

  it("keeps runs of equal names apart, and a version from becoming a number", () => {
    const { runs, columns } = proposed(
      [1, 2].map((seed) => ({ name: "same", params: { seed, torch: "1.10" } })),
    );
    expect(runs).toHaveLength(2);
    expect(columns.find(({ name }) => name === "torch")?.values).toEqual([{ value: "1.10", runs: 2 }]);
  });

  it("does not take a random search for identities", () => {
    const lrs = [0.11, 0.023, 0.0071, 0.4, 0.0033];
    expect(
      proposed(lrs.map((dropout_rate) => ({ params: { dropout_rate, seed: 5 } }))).configuration,
    ).toEqual(["dropout_rate"]);
  });

  it("leaves doubtful runs out of the analyses unless they are kept, and counts complete ones alone", () => {
    const runs: Given[] = [{ params: { seed: 1 } }, { params: { seed: 1 }, doubtful: "3 of 12 epochs" }];
    expect(proposed(runs).runs[1]?.leftOut).toBe("Doubtful: 3 of 12 epochs");
    expect(proposed(runs, { unfinished: "keep" }).runs[1]?.leftOut).toBeNull();
    expect(proposed(runs).cells[0]).toMatchObject({ runs: 2, complete: 1 });
  });

  it("keeps what a sampler pruned apart from what was cancelled, whatever is decided of unfinished runs", () => {
    const runs: Given[] = (["pruned", "killed", "running"] as const).map((status) => ({
      params: { seed: 1 },
      status,
    }));
    const statuses = (decisions = {}) => planned(runs, decisions).map(({ status }) => status);
    expect(statuses()).toEqual(["pruned", "cancelled", "cancelled"]);
    expect(statuses({ unfinished: "keep" })).toEqual(["pruned", "succeeded", "succeeded"]);
  });

  it("follows decisions, and names a column that is not there", () => {
    const decided = proposed(study, { arm: null, configuration: ["hostname"], seed: null });
    expect(decided).toMatchObject({ seed: null, arm: null, configuration: ["hostname"] });
    expect(() => proposed(study, { seed: "sed" })).toThrow(UnknownColumnError);
  });

  it("asks about several commits, and never more than five questions", () => {
    const { questions } = proposed(
      study.map((given, index) => ({
        ...given,
        gitCommit: index % 2 ? "a".repeat(40) : "b".repeat(40),
        status: "failed" as const,
      })),
    );
    expect(questions.map(({ id }) => id)).toEqual(["seed", "arm", "configuration", "commits", "metric"]);
  });
});
