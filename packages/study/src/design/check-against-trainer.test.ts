import type { FieldError, TrainerCapabilities } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { specOf } from "../test-support/spec-fixture.js";
import { exampleTrainer } from "../test-support/trainer-fixture.js";
import { checkAgainstTrainer } from "./check-against-trainer.js";

const check = (change: object, trainers: TrainerCapabilities[] = [exampleTrainer]): FieldError[] =>
  checkAgainstTrainer(specOf(change), trainers);
const searching = (parameters: object) => ({ search: { method: "grid", parameters } });

describe("checkAgainstTrainer", () => {
  it("tells of a trainer that a worker left out what stands against it", () => {
    const lastLines = ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'torch'"];
    const reason = "did not describe itself: it ended with exit code 1";
    const leftOut = [{ worker: "lab", name: "my-train", reason, lastLines }];
    expect(checkAgainstTrainer(specOf({ trainer: "my-train" }), [exampleTrainer], leftOut)).toEqual([
      {
        path: "trainer",
        message: "unknown trainer",
        value: '"my-train"',
        suggestion:
          "Worker lab has my-train in its configuration, but it did not describe itself: it ended with exit code 1 (ModuleNotFoundError: No module named 'torch').",
      },
    ]);
  });

  describe("a trainer that announces neither data sets nor metrics", () => {
    const open: TrainerCapabilities = {
      ...exampleTrainer,
      datasets: [],
      metrics: [],
      hyperparameters: {
        data: { type: "any", description: "", default: null, nullable: true, required: true },
        lr: { type: "number", description: "", default: 0.1, nullable: false },
      },
    };
    const plan = { primaryMetric: "val/acc" };
    const checkOpen = (change: object) =>
      check({ dataset: "mine", base: {}, search: { method: "grid" }, analysisPlan: plan, ...change }, [open]);

    it("takes any name of them, and every value of a hyperparameter whose type it does not know", () => {
      const searched = searching({ data: ["a", 1, true], lr: { min: 0.1, max: 1, steps: 2 } });
      expect(checkOpen(searched)).toEqual([]);
      const objective = { metric: "val/acc", direction: "maximize" };
      expect(checkOpen({ base: { data: "x" }, objective })).toEqual([]);
    });

    it("asks for what it has no default for, in every configuration", () => {
      const missing = { path: "base.data", message: "trainer example needs a value: it has no default" };
      expect(checkOpen({ base: { lr: 1 } })).toMatchObject([missing]);
      const list = (configurations: object[]) => ({ search: { method: "list", configurations } });
      expect(checkOpen(list([{ data: 1 }, { lr: 1 }]))).toMatchObject([missing]);
      expect(checkOpen(list([{ data: 1 }, { data: 2 }]))).toEqual([]);
    });
  });

  it("accepts what the trainer announces", () => {
    expect(check({})).toEqual([]);
    expect(check(searching({ epochs: { min: 5, max: 20, integer: true, steps: 4 } }))).toEqual([]);
  });

  it.each<[object, string, RegExp, RegExp | null]>([
    [{ trainer: "exampel" }, "trainer", /unknown trainer/, /"example"/],
    [{ trainer: "torch-classification" }, "trainer", /unknown trainer/, /REPRISE_PYTHON/],
    [{ base: { lerningRate: 0.1 } }, "base.lerningRate", /no hyperparameter/, /"learningRate"/],
    [{ base: { model: "mpl" } }, "base.model", /one of mlp, cnn/, /"mlp"/],
    [{ base: { dropout: 0.99 } }, "base.dropout", /at most 0.95/, null],
    [{ base: { epochs: 2.5 } }, "base.epochs", /whole number/, null],
    [{ base: { batchNorm: "yes" } }, "base.batchNorm", /true or false/, null],
    [{ base: { hiddenUnits: [64, 0] } }, "base.hiddenUnits", /every item must be at least 1/, null],
    [{ base: { hiddenUnits: [1, 2, 3, 4] } }, "base.hiddenUnits", /at most 3 items/, null],
    [searching({ learningRate: [0.1, 0] }), "search.parameters.learningRate.1", /above 0/, null],
    [searching({ dropout: { min: 0, max: 1, steps: 3 } }), "search.parameters.dropout.max", /at most/, null],
    [
      searching({ epochs: { min: 1, max: 4, steps: 3 } }),
      "search.parameters.epochs.integer",
      /must be true/,
      null,
    ],
    [
      searching({ optimizer: { min: 1, max: 4, steps: 3 } }),
      "search.parameters.optimizer",
      /list the values/,
      /adam/,
    ],
    [
      { search: { method: "list", configurations: [{ optimizer: "adam" }, { optimizer: "sdg" }] } },
      "search.configurations.1.optimizer",
      /one of adam, sgd/,
      /"sgd"/,
    ],
    [{ dataset: "wbdc" }, "dataset.name", /unknown dataset/, /"wdbc"/],
    [{ dataset: "cifar10" }, "dataset.name", /not there/, /REPRISE_DATA/],
    [
      { dataset: { name: "wdbc", split: { train: 0.5, validation: 0.2, test: 0.3, groupBy: "patient" } } },
      "dataset.split.groupBy",
      /unknown grouping/,
      null,
    ],
    [{ task: "contrastive" }, "task", /cannot do this task/, /classification/],
    [{ backend: "webgpu" }, "backend", /does not offer/, /wasm, cpu/],
    [
      { modes: undefined, arms: [{ name: "p", execution: { order: "permuted" }, repeats: 5 }] },
      "arms.0.execution.order",
      /permuted order/,
      /fixed, free/,
    ],
    [
      { objective: { metric: "trainLoss", direction: "minimize" } },
      "objective.metric",
      /validation part/,
      /"validationLoss"/,
    ],
    [
      { objective: { metric: "validationLoss", direction: "maximize" } },
      "objective.direction",
      /to minimize/,
      null,
    ],
    [
      { analysisPlan: { primaryMetric: "testAcuracy" } },
      "analysisPlan.primaryMetric",
      /unknown metric/,
      /"testAccuracy"/,
    ],
    [
      { analysisPlan: { primaryMetric: "testLoss", margin: { testAuc: 0.1 } } },
      "analysisPlan.margin.testAuc",
      /unknown metric/,
      null,
    ],
    [
      { dataset: { name: "wdbc", split: { train: 0.8, validation: 0.2, test: 0 } } },
      "analysisPlan.primaryMetric",
      /no test part/,
      null,
    ],
  ])("refuses %j", (change, path, message, suggestion) => {
    const error = check(change).find((candidate) => candidate.path === path);
    expect(error?.message).toMatch(message);
    if (suggestion) expect(error?.suggestion).toMatch(suggestion);
  });

  it("refuses free repeats where the trainer has no source of nondeterminism", () => {
    const still = { ...exampleTrainer, nondeterminismSource: null };
    expect(check({}, [still])).toMatchObject([{ path: "modes.nondeterministic" }]);
  });

  it("knows each backend's reason for being absent, and its noise", () => {
    const probe = { deviceClass: "cpu", auto: true, nondeterminismSource: null } as const;
    const probed: TrainerCapabilities = {
      ...exampleTrainer,
      backends: ["node", "wasm"],
      backendProbes: [
        { ...probe, backend: "webgpu", works: false, detail: "no adapter", nondeterminismSource: "atomics" },
        { ...probe, backend: "node", works: true, detail: "" },
        { ...probe, backend: "wasm", works: true, detail: "", nondeterminismSource: "order of arrival" },
      ],
    };
    expect(check({ backend: "webgpu" }, [probed])).toMatchObject([
      { path: "backend", message: expect.stringContaining("(no adapter)") },
    ]);
    expect(check({ backend: "wasm" }, [probed])).toEqual([]);
    for (const backend of ["auto", "node"]) {
      expect(check({ backend }, [probed])).toMatchObject([
        {
          path: "modes.nondeterministic",
          message: expect.stringContaining("backend node"),
          suggestion: expect.stringContaining("backend to wasm"),
        },
      ]);
    }
  });

  it("refuses sensitivity, and thresholds, where no class is positive", () => {
    const three = {
      ...exampleTrainer,
      datasets: exampleTrainer.datasets.map((dataset) => ({ ...dataset, available: true })),
    };
    const errors = check(
      {
        dataset: "cifar10",
        threshold: { rule: "youdenOnValidation" },
        analysisPlan: { primaryMetric: "testSensitivity" },
      },
      [three],
    );
    expect(errors.map(({ path }) => path)).toEqual(["threshold.rule", "analysisPlan.primaryMetric"]);
  });

  it("says so when nothing has been announced", () => {
    expect(check({}, [])).toMatchObject([
      { path: "trainer", suggestion: expect.stringContaining("No worker") },
    ]);
  });

  it("refuses what is too small beside another hyperparameter, saying where and why", () => {
    const atLeast = [
      { times: 2, of: "shards", when: { batchNorm: [true] } },
      { times: 1, of: "shards" },
    ];
    const batchSize = { type: "integer" as const, description: "", default: 32, nullable: false, atLeast };
    const bounded = {
      ...exampleTrainer,
      hyperparameters: { ...exampleTrainer.hyperparameters, batchSize },
    };
    const errorsOf = (base: object) => check({ base }, [bounded]);
    expect(errorsOf({ batchSize: 8 })).toMatchObject([
      {
        path: "base.batchSize",
        message: "is less than 16: it must be at least 2 × shards (8), because batchNorm is true",
        suggestion: "Set batchSize to at least 16, or shards to at most 4.",
      },
    ]);
    expect(errorsOf({ batchSize: 8, shards: 4 })).toEqual([]);
    expect(errorsOf({ batchSize: 8, batchNorm: false })).toEqual([]);
    expect(errorsOf({ batchSize: 7, batchNorm: false })).toMatchObject([
      { message: "is less than 8: it must be at least shards (8)" },
    ]);
  });

  describe("refuses what a configuration would not use, before anything is queued", () => {
    const grid = (parameters: object, base: object = {}) => ({
      base,
      search: { method: "grid", parameters },
    });

    it.each<[string, object, Partial<FieldError>]>([
      [
        "set in base, used by one half of a grid",
        grid({ optimizer: ["adam", "sgd"] }, { momentum: 0.9 }),
        {
          path: "base.momentum",
          message: "would not be used in 1 of 2 configurations (first: adam): optimizer is adam",
          value: "0.9",
          suggestion:
            "List the configurations (search.method: list) and set it to null where it has no effect.",
        },
      ],
      [
        "searched in vain",
        grid({ momentum: [0.5, 0.9] }),
        {
          path: "search.parameters.momentum",
          message: "would not be used: optimizer is adam",
          suggestion: "Leave it out.",
        },
      ],
      [
        "in one configuration of a list",
        {
          base: { momentum: 0.9 },
          search: {
            method: "list",
            configurations: [{ optimizer: "sgd" }, { label: "a", optimizer: "adam" }],
          },
        },
        { path: "base.momentum", suggestion: 'Set it to null for the configuration "a".' },
      ],
      [
        "by a value that another needs",
        grid({ epochs: [3] }, { optimizer: "sgd", nesterov: true }),
        { path: "base.nesterov", message: "would not be used: momentum is 0" },
      ],
      [
        "in this task",
        { base: { temperature: 1 } },
        { path: "base.temperature", message: "would not be used: task is classification" },
      ],
    ])("%s", (_name, change, expected) => {
      const errors = check({ base: {}, ...change });
      expect(errors).toMatchObject([expected]);
    });

    it("takes null for one that has no effect", () => {
      const configurations = [{ optimizer: "sgd" }, { optimizer: "adam", momentum: null }];
      expect(check({ base: { momentum: 0.9 }, search: { method: "list", configurations } })).toEqual([]);
    });
  });
});
