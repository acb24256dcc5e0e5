import { expect, it } from "vitest";
import { diskWords } from "./disk-space.js";

it.each([
  [null, null],
  [3 * 2 ** 30, null],
  [1.5 * 2 ** 30, "The disk of /data is nearly full: 1.5 GiB free."],
  [700 * 2 ** 20, "The disk of /data is nearly full: 700 MiB free."],
  [
    12.9 * 2 ** 20,
    "The disk of /data is full (12 MiB free). Make room on it: everything goes on by itself then.",
  ],
  [0, "The disk of /data is full (0 MiB free). Make room on it: everything goes on by itself then."],
])("of %s free bytes is said: %s", (free, words) => {
  expect(diskWords("/data", free)).toBe(words);
});
