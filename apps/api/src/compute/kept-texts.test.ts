import { expect, it } from "vitest";
import { keepTexts } from "./kept-texts.js";

function counted(text = "text") {
  let made = 0;
  return { make: async () => `${text} ${++made}`, times: () => made };
}

it("makes a text once per revision, also for those who ask while it is being made", async () => {
  const keep = keepTexts();
  const { make, times } = counted();
  expect(await Promise.all([keep("a", "1", make), keep("a", "1", make)])).toEqual(["text 1", "text 1"]);
  expect(await keep("a", "1", make)).toBe("text 1");
  expect(await keep("b", "1", make)).toBe("text 2");
  expect(await keep("a", "2", make)).toBe("text 3");
  expect(times()).toBe(3);
});

it("does not keep a failure", async () => {
  const keep = keepTexts();
  await expect(keep("a", "1", () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  expect(await keep("a", "1", counted().make)).toBe("text 1");
});

it("gives up what has not been asked for longest, and what is older than its revision can vouch for", async () => {
  let at = 0;
  const keep = keepTexts({ most: 14, now: () => at });
  const { make } = counted();
  for (const key of ["a", "b", "a", "c"]) await keep(key, "1", make);
  expect(await keep("a", "1", make)).toBe("text 1");
  expect(await keep("b", "1", make)).toBe("text 4");
  at += 60 * 60_000;
  expect(await keep("b", "1", make)).toBe("text 5");
});
