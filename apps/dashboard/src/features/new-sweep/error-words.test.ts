import { describe, expect, it } from "vitest";
import { errorSentence } from "./error-words.js";

describe("a mistake in the reader's words", () => {
  it.each([
    [
      { path: "name", message: "may have 120 characters; it has 126" },
      "The name may have 120 characters; it has 126.",
    ],
    [{ path: "base.epochs", message: "must be at least 1", value: "0" }, "epochs must be at least 1."],
    [
      { path: "base.lerningRate", message: "unknown key", suggestion: 'Did you mean "learningRate"?' },
      'There is no field “lerningRate” here. Did you mean "learningRate"?',
    ],
    [
      {
        path: "dataset.name",
        message: "unknown dataset for trainer tfjs",
        value: '"wbdc"',
        suggestion: 'Did you mean "wdbc"?',
      },
      'There is no dataset "wbdc" for trainer tfjs. Did you mean "wdbc"?',
    ],
    [
      { path: "search.parameters.dropout.max", message: "must be at most 0.95" },
      "The upper end of dropout must be at most 0.95.",
    ],
    [
      { path: "search.configurations.1.optimizer", message: "must be one of adam, sgd" },
      "In configuration 2, optimizer must be one of adam, sgd.",
    ],
    [
      { path: "modes.nondeterministic.repeats", message: "must be at least 1" },
      "The number of repeats of free must be at least 1.",
    ],
    [
      { path: "seeds", message: "seed 3 is listed twice; use repeats to run it again" },
      "Seed 3 is listed twice; use repeats to run it again.",
    ],
    [{ path: "order", message: "must be one of a, b" }, "order must be one of a, b."],
  ])("%j", (error, sentence) => {
    expect(errorSentence(error)).toBe(sentence);
  });
});
