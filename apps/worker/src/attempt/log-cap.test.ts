import { expect, test } from "vitest";
import { capLog } from "./log-cap.js";

const line = (text: string) => ({ stream: "stdout" as const, at: new Date(0), text });

async function capped(lines: number, limits?: { head: number; tail: number }) {
  const written: string[] = [];
  const log = capLog(async ({ text }) => void written.push(text), limits);
  for (let index = 0; index < lines; index += 1) await log.add(line(`line ${index}`.padEnd(50, ".")));
  const before = written.length;
  await log.end();
  return { written: written.map((text) => text.replace(/\.+$/, "")), before };
}

test("a short log is written as it comes", async () => {
  const { written, before } = await capped(5, { head: 500, tail: 200 });
  expect(written).toEqual(["line 0", "line 1", "line 2", "line 3", "line 4"]);
  expect(before).toBe(5);
});

test("of a long one the beginning is written at once, the end at the end, and what is missing is counted", async () => {
  const { written, before } = await capped(20, { head: 500, tail: 200 });
  expect(written).toEqual([
    ...["line 0", "line 1", "line 2", "line 3", "line 4"],
    expect.stringMatching(/from here on its last lines are kept/),
    "13 lines were left out here",
    ...["line 18", "line 19"],
  ]);
  expect(before).toBe(6);
});

test("a line longer than the end that is kept is left out, and costs no memory", async () => {
  const written: string[] = [];
  const log = capLog(async ({ text }) => void written.push(text), { head: 100, tail: 100 });
  await log.add(line("x".repeat(10_000)));
  await log.end();
  expect(written).toEqual([expect.stringMatching(/last lines/), "1 line was left out here."]);
});
