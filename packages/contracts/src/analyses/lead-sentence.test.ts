import { expect, it } from "vitest";
import { leadSentence } from "./lead-sentence.js";

it.each([
  [
    "Deterministic executions repeat to the bit. Free executions of one seed end up to 2.6 pp apart in test accuracy (lr 0.01).",
    "Deterministic executions repeat to the bit.",
    "Free executions of one seed end up to 2.6 pp apart in test accuracy (lr 0.01).",
  ],
  [
    "So far: 2 of 8 runs diverged (train loss is NaN from step 3). Of the others: free executions differ.",
    "So far: 2 of 8 runs diverged (train loss is NaN from step 3).",
    "Of the others: free executions differ.",
  ],
  [
    "Free executions of one seed end 0.44 pp apart in test accuracy.",
    "Free executions of one seed end 0.44 pp apart in test accuracy.",
    "",
  ],
  [
    "The record contradicts itself. 2 runs report the same digest.",
    "The record contradicts itself.",
    "2 runs report the same digest.",
  ],
  ["", "", ""],
])("the first sentence of %j leads", (text, lead, rest) => {
  expect(leadSentence(text)).toEqual({ lead, rest });
});
