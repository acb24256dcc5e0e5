import { existsSync } from "node:fs";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSpool } from "./spool.js";

async function spool(memoryBytes: number) {
  const directory = join(await mkdtemp(join(tmpdir(), "reprise-spool-")), "attempt");
  return { directory, queue: createSpool<{ at: Date; values: number[] }>({ directory, memoryBytes }) };
}

describe("spool", () => {
  test("keeps order, dates and numbers that are none across memory and disk", async () => {
    const { directory, queue } = await spool(250);
    const items = [Number.NaN, Number.POSITIVE_INFINITY, -0, 4, 5].map((value, day) => ({
      at: new Date(Date.UTC(2026, 0, day + 1)),
      values: [value],
    }));
    for (const item of items) await queue.push(item, 100);
    expect(await readdir(directory)).toHaveLength(3);
    expect(queue.bytes()).toBe(500);
    const out = [];
    for (let item = await queue.peek(); item; item = await queue.peek()) {
      expect(await queue.peek()).toBe(item);
      out.push(item);
      await queue.shift();
    }
    expect(out).toEqual(items);
    expect(queue.bytes()).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });

  test("memory freed at the front does not let a later item overtake", async () => {
    const { queue } = await spool(100);
    const item = (value: number) => ({ at: new Date(0), values: [value] });
    await queue.push(item(1), 100);
    await queue.push(item(2), 100);
    await queue.shift();
    await queue.push(item(3), 10);
    expect((await queue.peek())?.values).toEqual([2]);
    await queue.shift();
    expect((await queue.peek())?.values).toEqual([3]);
  });

  test("leaves nothing behind when cleared", async () => {
    const { directory, queue } = await spool(0);
    await queue.push({ at: new Date(0), values: [] }, 10);
    await queue.push({ at: new Date(0), values: [] }, 10);
    expect(existsSync(directory)).toBe(true);
    await queue.clear();
    expect(existsSync(directory)).toBe(false);
    expect(await queue.peek()).toBeNull();
  });
});
