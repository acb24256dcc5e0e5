import { describe, expect, it } from "vitest";
import {
  countEnvironments,
  environmentWords,
  missingParts,
  partialEnvironmentSentence,
} from "./environments.js";

const machine = {
  "cpu.model": "A",
  "os.kernel": "6.1",
  "torch.version": "2.4",
  "code.commit": "1",
  "gpu.count": 0,
};
const workspace = "variable.CUBLAS_WORKSPACE_CONFIG";
const run = (arm: string, environmentId: string | null) => ({ arm, environmentId });

describe("environments of runs", () => {
  const known = new Map([
    ["det", { ...machine, [workspace]: ":4096:8", summationOrder: "fixed" }],
    ["free", { ...machine, [workspace]: null, summationOrder: "free" }],
    ["newer", { ...machine, "torch.version": "2.5", [workspace]: null, summationOrder: "free" }],
  ]);

  it("are one where they differ only in what Reprise sets per arm", () => {
    const count = countEnvironments([run("det", "det"), run("free", "free"), run("free", "free")], known);
    expect(count).toMatchObject({
      environments: [["det", "free"]],
      treatment: ["summationOrder", workspace],
      differing: [],
      unrecorded: 0,
    });
    expect(environmentWords(count)).toBe("one environment");
  });

  it("are several where a library differs, whatever the arms set", () => {
    const count = countEnvironments([run("det", "det"), run("free", "free"), run("free", "newer")], known);
    expect(count).toMatchObject({ environments: [["det", "free"], ["newer"]], differing: ["torch.version"] });
  });

  it("are several where runs of one arm differ in what the arm should set", () => {
    const count = countEnvironments([run("free", "det"), run("free", "free")], known);
    expect(count).toMatchObject({ environments: [["det"], ["free"]], treatment: [] });
    expect(count.differing).toEqual(["summationOrder", workspace]);
  });

  it("are told apart by their digests where their values are not known, and none is no environment", () => {
    const count = countEnvironments([run("det", "x"), run("det", "y"), run("free", null)]);
    expect(environmentWords(count)).toBe("2 environments, recorded for 2 of 3 runs");
    expect(environmentWords(countEnvironments([run("det", null)]))).toBe("environment not recorded");
  });

  it("are partial where they tell nothing of hardware, drivers, libraries or code", () => {
    expect(missingParts(machine)).toEqual([]);
    expect(missingParts({ ...machine, "gpu.count": 1, "gpu.0.name": "H200" })).toEqual(["drivers"]);
    expect(partialEnvironmentSentence([{ values: { "torch.version": "2.4" } }])).toBe(
      "The recorded environment says nothing about hardware, operating system and code, so differences there are not visible.",
    );
    expect(partialEnvironmentSentence([{ values: machine }])).toBeNull();
  });
});
