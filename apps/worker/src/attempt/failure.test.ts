import type { RunError } from "@reprise/contracts";
import type { TrainerOutcome } from "@reprise/trainers";
import { expect, test } from "vitest";
import { exhaustedAgain } from "./failure.js";

const ifAgain = {
  isUndecided: false,
  startOfMessage: "No memory",
  message: "No memory twice.",
  hint: "Take less.",
};
const first: TrainerOutcome = {
  ...{ status: "failed", kind: "infrastructure", message: "No memory: 2 GiB.", hint: null },
  ...{ lastLines: [], started: true, ifAgain },
};
const before = (message: string) => async (): Promise<RunError> => ({
  ...{ kind: "infrastructure", message, hint: null },
});

test("memory that was short twice in a row is an error of the run", async () => {
  expect(await exhaustedAgain(first, before("No memory: 1 GiB."))).toEqual({
    ...first,
    ...{ kind: "user", message: "No memory twice.", hint: "Take less." },
  });
});

test("memory that was short once, or after another failure, is none", async () => {
  expect(await exhaustedAgain(first, async () => null)).toBe(first);
  expect(await exhaustedAgain(first, before("The worker failed: No memory"))).toBe(first);
});

test("a failure that may come again is looked up for no other end", async () => {
  const { ifAgain: _, ...other } = first;
  const unasked = async () => {
    throw new Error("nobody asks");
  };
  expect(await exhaustedAgain(other, unasked)).toBe(other);
});
