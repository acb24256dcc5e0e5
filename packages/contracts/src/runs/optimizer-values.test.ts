import { expect, it } from "vitest";
import type { Parameters } from "../protocol/run-request.js";
import type { Observation } from "./observations.js";
import { departureSentence, extendSettings, settingsOf, showsAlone } from "./observed-settings.js";

const asked = (params: Parameters) => ({
  trainer: "external",
  execution: { order: "free", algorithms: "default", autotune: true, tf32: false } as const,
  seed: 0,
  noise: {
    init: "fixed",
    dataOrder: "fixed",
    augmentation: "fixed",
    dropout: "fixed",
    split: "fixed",
  } as const,
  params,
});
const looks = (...values: [step: number, name: string, value: Observation["value"]][]) =>
  values.map(([step, name, value]): Observation => ({ step, name, value, observer: "reprise" }));
const said = (params: Parameters, observations: Observation[]) =>
  settingsOf(asked(params), observations).map(departureSentence).filter(Boolean);

it.each<[string, Parameters, Observation[], string[]]>([
  [
    "a weight decay that was never passed",
    { "weight-decay": 5e-4 },
    looks([1, "optimizer.weight_decay", 0], [9, "optimizer.weight_decay", 0]),
    ["optimizer.weight_decay was observed as 0 from step 1 to step 9; 0.0005 was requested (weight-decay)."],
  ],
  [
    "one that only some groups have",
    { wd: 5e-4 },
    looks([1, "optimizer.weight_decay", 0], [1, "optimizer.group2.weight_decay", 5e-4]),
    [],
  ],
  [
    "a momentum that the optimizer does not know",
    { "optimizer.momentum": 0.9 },
    looks([1, "optimizer.momentum", null]),
    ["optimizer.momentum was observed as not set at step 1; 0.9 was requested (optimizer.momentum)."],
  ],
  [
    "a switch that is off, and one that the optimizer does not have",
    { nesterov: false },
    looks([1, "optimizer.nesterov", null]),
    [],
  ],
  [
    "a learning rate under a schedule",
    { learningRate: 0.1 },
    looks([1, "optimizer.lr", 0.1], [2, "optimizer.lr", 0.05]),
    [],
  ],
  [
    "a learning rate that is warmed up to what the optimizer was made with",
    { lr: 0.1 },
    looks([1, "optimizer.default_lr", 0.1], [1, "optimizer.lr", 0.001]),
    [],
  ],
  ["a learning rate of 32 bits", { lr: 0.1 }, looks([1, "optimizer.lr", 0.10000000149011612]), []],
  [
    "a learning rate that the program scales",
    { lr: 0.1 },
    looks([1, "optimizer.default_lr", 0.4], [1, "optimizer.lr", 0.4]),
    ["optimizer.lr was observed as 0.4 at step 1; 0.1 was requested (lr)."],
  ],
  [
    "two optimizers, one of which has what was asked for",
    { "generator.lr": 0.1, "critic.lr": 0.2 },
    looks([1, "optimizer.lr", 0.1], [1, "optimizer2.lr", 0.3]),
    ["optimizer.lr was observed as 0.1 at step 1; 0.2 was requested (critic.lr)."],
  ],
  [
    "betas as a list",
    { betas: [0.9, 0.95] },
    looks([1, "optimizer.beta1", 0.9], [1, "optimizer.beta2", 0.999]),
    ["optimizer.beta2 was observed as 0.999 at step 1; 0.95 was requested (betas)."],
  ],
  [
    "what the program logs and does not use",
    {},
    [
      ...looks([1, "optimizer.weight_decay", 0], [5, "optimizer.weight_decay", 0]),
      { step: 0, name: "wandb.config.weight_decay", value: 5e-4, observer: "program" },
    ],
    [
      "optimizer.weight_decay was observed as 0 from step 1 to step 5; the program logs 0.0005 (wandb.config.weight_decay).",
    ],
  ],
  [
    "what it logs as a text, and uses",
    {},
    [
      ...looks([1, "optimizer.lr", 0.1]),
      { step: 0, name: "mlflow.params.lr", value: "0.1", observer: "program" },
    ],
    [],
  ],
  ["what nobody asked for", { epochs: 3 }, looks([1, "optimizer.lr", 0.1]), []],
])("%s", (_, params, observations, sentences) => {
  expect(said(params, observations)).toEqual(sentences);
});

it("is judged look by look as it is at once, and keeps what once fitted", () => {
  const all = looks(
    [1, "optimizer.lr", 0.1],
    [2, "optimizer.lr", 0.05],
    [3, "optimizer.lr", 0.02],
    [4, "optimizer.lr", 0.01],
  );
  const run = asked({ lr: 0.1 });
  const stepwise = all.reduce<ReturnType<typeof settingsOf>>(
    (former, look) => extendSettings(run, former, [look]) ?? [],
    [],
  );
  expect(stepwise).toEqual(settingsOf(run, all));
  expect(stepwise.map(({ departure }) => departure)).toEqual([null]);
  // One value of many: it shows nothing of the others.
  expect(stepwise.every(showsAlone)).toBe(false);
});
