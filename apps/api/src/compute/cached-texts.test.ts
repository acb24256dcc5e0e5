import { expect, it } from "vitest";
import { cacheTexts } from "./cached-texts.js";

function counted(text = "text") {
  let made = 0;
  return { make: async () => `${text} ${++made}`, times: () => made };
}

it("makes a text once per revision, also for those who ask while it is being made", async () => {
  const cached = cacheTexts();
  const { make, times } = counted();
  expect(await Promise.all([cached("a", "1", make), cached("a", "1", make)])).toEqual(["text 1", "text 1"]);
  expect(await cached("a", "1", make)).toBe("text 1");
  expect(await cached("b", "1", make)).toBe("text 2");
  expect(await cached("a", "2", make)).toBe("text 3");
  expect(times()).toBe(3);
});

it("does not cache a failure", async () => {
  const cached = cacheTexts();
  await expect(cached("a", "1", () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  expect(await cached("a", "1", counted().make)).toBe("text 1");
});

it("gives up what has not been asked for longest, and what is older than its revision can vouch for", async () => {
  let at = 1;
  const cached = cacheTexts({ max: 14, now: () => at });
  const { make } = counted();
  for (const key of ["a", "b", "a", "c"]) await cached(key, "1", make);
  expect(await cached("a", "1", make)).toBe("text 1");
  expect(await cached("b", "1", make)).toBe("text 4");
  at += 60 * 60_000;
  expect(await cached("b", "1", make)).toBe("text 5");
});
