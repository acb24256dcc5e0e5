import type { Parameters } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { sampleRequest } from "../check/sample-request.js";
import { trainerCommand } from "../trainer-command.js";
import { fillTemplate, hyperparametersOf, parseTemplate, requiredOf } from "./command-template.js";

const filled = (command: string, parameters: Parameters = {}) =>
  fillTemplate(parseTemplate(command), sampleRequest({ parameters, seed: 7, outputDirectory: "out dir" }));

describe("a command template", () => {
  test.each<[string, Parameters, string[]]>([
    [
      "python train.py --lr {lr} --seed {seed}",
      { lr: 0.1 },
      ["python", "train.py", "--lr", "0.1", "--seed", "7"],
    ],
    ["train --lr={lr} -b {b}", { lr: 1e-7, b: 32 }, ["train", "--lr=1e-7", "-b", "32"]],
    ["train --out {output}/run", {}, ["train", "--out", "out dir/run"]],
    ["train --name 'a b' --note \"{note}\"", { note: "it's" }, ["train", "--name", "a b", "--note", "it's"]],
    ["train --json {{}} --set {{x}}={x}", { x: 1 }, ["train", "--json", "{}", "--set", "{x}=1"]],
    [
      "train --units {units} --layers={units}",
      { units: [8, 4] },
      ["train", "--units", "8", "4", "--layers=8,4"],
    ],
    ["train --arm {arm} --mode {mode}", {}, ["train", "--arm", "det", "--mode", "deterministic"]],
    ["train --order {execution.order} --tf32 {execution.tf32}", {}, ["train", "--order", "fixed"]],
    [
      "train --threads {threads} --data {dataset} --repeat {repeat}",
      {},
      ["train", "--data", "toy", "--repeat", "0"],
    ],
    ["train optimizer.lr={optimizer.lr}", { "optimizer.lr": 0.1 }, ["train", "optimizer.lr=0.1"]],
  ])("%s", (command, parameters, expected) => {
    expect(filled(command, parameters)).toEqual(expected);
  });

  test("leaves out what is unset with its option, and makes a switch of true and false", () => {
    const command = "train --lr {lr} --wd={wd} --amsgrad {amsgrad} --flip={flip} end";
    expect(filled(command, { lr: null })).toEqual(["train", "end"]);
    expect(filled(command, { amsgrad: true, flip: true })).toEqual([
      "train",
      "--amsgrad",
      "--flip=true",
      "end",
    ]);
    expect(filled(command, { amsgrad: false, flip: false })).toEqual(["train", "--flip=false", "end"]);
  });

  test("knows its hyperparameters, and which of them cannot be left out", () => {
    const words = parseTemplate("sh train.sh {epochs} --lr {lr} {name}.out --seed {seed} {lr}");
    expect(hyperparametersOf(words)).toEqual(["epochs", "lr", "name"]);
    expect(requiredOf(words)).toEqual(["epochs", "lr", "name"]);
    expect(requiredOf(parseTemplate("train --lr {lr} --b={b}"))).toEqual([]);
    expect(() => filled("train {epochs}")).toThrow(/needs a value for \{epochs\}/);
  });

  test("has no place for a hyperparameter that it does not name", () => {
    expect(() => filled("train --lr {lr}", { lr: 0.1, momentum: 0.9 })).toThrow(
      "has no {momentum} in its command",
    );
  });

  test.each([
    ["train {lr", /"\{lr" has a brace without its other one; a brace itself is written \{\{/],
    ["train lr}", /brace without its other one/],
    ["train {}", /\{\} in "\{\}" is not a name of a hyperparameter/],
    ["train '{my lr}'", /not a name of a hyperparameter/],
    [
      "train {execution.autotun}",
      /\{execution\.autotun\} is unknown; of a run there are \{seed\}, .*\{execution\.autotune\}/,
    ],
  ])("is refused where a worker reads it: %s", (command, message) => {
    const parsed = trainerCommand.safeParse({ name: "t", command });
    expect(parsed.error?.issues).toMatchObject([
      { path: ["command"], message: expect.stringMatching(message) },
    ]);
  });

  test("has all its words in command, and alone says what it computes on", () => {
    const messages = (trainer: object) =>
      trainerCommand
        .safeParse({ name: "t", ...trainer })
        .error?.issues.map(({ path, message }) => `${path}: ${message}`);
    expect(messages({ command: "train {lr}", args: ["x"] })).toEqual([
      "args: a command with placeholders has all its words in command",
    ]);
    expect(messages({ command: "train", deviceClass: "gpu", describe: false })).toHaveLength(2);
  });
});
