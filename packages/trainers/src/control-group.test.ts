import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { limitOf, removeAbandoned } from "./control-group.js";

// The files of the kernel in plain folders: few machines let a test set limits. What ends by a group is in run-trainer-descendants.test.ts.
const opened: string[] = [];
afterEach(() => {
  for (const folder of opened.splice(0)) rmSync(folder, { recursive: true });
});

function group(): { folder: string; top: string } {
  const top = mkdtempSync(join(tmpdir(), "reprise-group-"));
  opened.push(top);
  const folder = join(top, "system.slice", "reprise.service");
  mkdirSync(folder, { recursive: true });
  return { folder, top };
}

test.each([
  ["memory.max", "max", "2147483648"],
  ["cpu.max", "max 100000", "200000 100000"],
  ["cpuset.cpus", "", "0-3"],
])("a limit in %s is found in a group and in those above it", (name, none, limit) => {
  const { folder, top } = group();
  const above = join(top, "system.slice");
  expect(limitOf({ folder, top })).toBeNull();
  for (const place of [folder, above]) {
    writeFileSync(join(place, name), `${none}\n`);
    expect(limitOf({ folder, top })).toBeNull();
    writeFileSync(join(place, name), `${limit}\n`);
    expect(limitOf({ folder, top })).toBe(join(place, name));
    writeFileSync(join(place, name), `${none}\n`);
  }
  // What lies above the topmost group that is seen is nobody's.
  writeFileSync(join(top, name), `${limit}\n`);
  expect(limitOf({ folder, top: above })).toBeNull();
});

test("an empty group is removed once the process that made it is gone, not while it lives", () => {
  const { folder } = group();
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const [abandoned, own, parent, foreign] = [
    `reprise-${gone}-a`,
    `reprise-${process.pid}-a`,
    `reprise-${process.ppid}-a`,
    "other",
  ];
  for (const name of [abandoned, own, parent, foreign]) mkdirSync(join(folder, name));
  removeAbandoned(folder);
  expect(readdirSync(folder).sort()).toEqual([own, parent, foreign].sort());
});
