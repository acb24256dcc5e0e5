import { expect, it } from "vitest";
import { leadSentence } from "./lead-sentence.js";

it.each([
  ["Free executions end 2.6 pp apart in Acc. Top1 (exp. 2).", "They repeat to the bit."],
  ["The record contradicts itself.", "2 runs report the same digest. See below."],
])("the sentence %j leads", (lead, rest) => {
  expect(leadSentence({ sentence: `${lead} ${rest}`, rest })).toEqual({ lead, rest });
  // Whatever is said before it later.
  expect(leadSentence({ sentence: `So far: ${lead} ${rest}`, rest }).lead).toBe(`So far: ${lead}`);
});

it("a verdict of one sentence has no other", () => {
  const sentence = "Runs are equal in Acc. Top1 (exp. 2).";
  expect(leadSentence({ sentence })).toEqual({ lead: sentence, rest: "" });
  expect(leadSentence({ sentence, rest: "" })).toEqual({ lead: sentence, rest: "" });
});
