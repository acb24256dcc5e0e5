import { expect, it } from "vitest";
import { fileSize, memorySize } from "./bytes.js";

it("says sizes in powers of a thousand, with three digits", () => {
  expect([0, 1, 999, 1000, 36_240, 999_400, 1_000_000, 16_777_216, 5e12, 7e16].map(fileSize)).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1.00 kB",
    "36.2 kB",
    "999 kB",
    "1.00 MB",
    "16.8 MB",
    "5.00 TB",
    "70000 TB",
  ]);
});

it("says memory in powers of 1,024", () => {
  expect([512, 2 ** 20, 101_056_512, 8 * 2 ** 30, 128 * 2 ** 30].map(memorySize)).toEqual([
    "0.500 KiB",
    "1.00 MiB",
    "96.4 MiB",
    "8.00 GiB",
    "128 GiB",
  ]);
});
