import { describe, expect, it } from "vitest";
import {
  givenLabels,
  givenRequirements,
  type Machine,
  meets,
  metPart,
  requirementErrors,
  suits,
  unmetWords,
  workerLabels,
} from "./requirements.js";

const gib = 2 ** 30;
const cpu = { kind: "cpu", name: "EPYC", index: 0, threads: 64, memoryBytes: 256 * gib } as const;
const gpu = (name: string, memory: number, index = 0) =>
  ({ kind: "gpu", name, index, memoryBytes: memory * gib }) as const;
const mixed: Machine = {
  labels: { site: "basel" },
  devices: [cpu, gpu("NVIDIA A100-SXM4-40GB", 39.5), gpu("NVIDIA GeForce RTX 3090", 24, 1)],
};
const small: Machine = { labels: {}, devices: [{ ...cpu, memoryBytes: 8 * gib }] };

describe("meets", () => {
  it.each([
    [{}, true],
    [{ site: "basel" }, true],
    [{ site: "Basel" }, false],
    [{ constructor: "basel" }, false],
    [{ memory: "256 GiB" }, true],
    [{ memory: "256.1GiB" }, false],
    [{ memory: "much" }, false],
    [{ gpu: "a100" }, true],
    // By whole words: neither an A10, nor an A1000.
    [{ gpu: "A10" }, false],
    [{ gpu: "RTX 3090" }, true],
    [{ gpu: "RTX 3090", site: "basel", gpuMemory: "24 GiB" }, true],
    // One GPU has the model, another the memory.
    [{ gpu: "RTX 3090", gpuMemory: "30 GiB" }, false],
    [{ gpuMemory: "40 GB" }, true],
    [{ gpus: "1" }, true],
  ])("of %j: %s", (requires, expected) => {
    expect(meets(mixed, requires)).toBe(expected);
  });

  it("is no matter of a device that nothing is said of", () => {
    expect(mixed.devices.map((device) => suits(device, { gpu: "A100", site: "basel" }))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("metPart", () => {
  it.each([
    [{ gpu: "RTX 3090", site: "zurich" }, { gpu: "RTX 3090" }],
    [
      { gpu: "RTX 3090", site: "basel" },
      { gpu: "RTX 3090", site: "basel" },
    ],
    // Of one GPU, not of two.
    [{ gpu: "RTX 3090", gpuMemory: "30 GiB" }, { gpu: "RTX 3090" }],
    [{ gpu: "H100", rack: "7" }, {}],
  ])("of %j: %j", (requires, met) => {
    expect(metPart(mixed, requires)).toEqual(met);
  });
});

it("what YAML reads as a number or as true is the text that was meant", () => {
  const written = { gpus: 1, rack: 7, isolated: true };
  const read = { gpus: "1", rack: "7", isolated: "true" };
  expect(givenRequirements.parse(written)).toEqual(read);
  expect(requirementErrors(givenRequirements.parse(written))).toEqual([]);
  expect(givenLabels.parse({ rack: 7, isolated: true })).toEqual({ rack: "7", isolated: "true" });
  expect(givenLabels.safeParse({ rack: "" }).success).toBe(false);
  expect(givenRequirements.safeParse({ rack: [7] }).success).toBe(false);
});

describe("requirementErrors", () => {
  it("names what can be met by no machine, and leaves labels alone", () => {
    const wrong = { memory: "much", gpuMemory: "80 gb", gpus: "2", gpu: "-", rack: "7" };
    expect(requirementErrors(wrong).map(({ path }) => path)).toEqual(
      ["memory", "gpuMemory", "gpus", "gpu"].map((name) => `resources.requires.${name}`),
    );
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`label${at}`, "x"]));
    expect(requirementErrors(many)).toMatchObject([{ path: "resources.requires" }]);
    expect(requirementErrors({ site: "x".repeat(201), ["n".repeat(64)]: "x" })).toHaveLength(2);
    // No worker can have such a label.
    expect(requirementErrors({ "-x": "1", "a b": "1", site: "" }).map(({ message }) => message)).toEqual([
      expect.stringContaining("name of no label"),
      expect.stringContaining("name of no label"),
      "must not be empty",
    ]);
    expect(requirementErrors({ memory: "1.5TB", gpu: "H100", gpus: "1" })).toEqual([]);
  });
});

describe("unmetWords", () => {
  it.each([
    [{ gpu: "A100" }, null],
    [{ gpu: "H100" }, "gpu: H100 (there is NVIDIA A100-SXM4-40GB, NVIDIA GeForce RTX 3090)"],
    [
      { stie: "basel", memory: "1 TB" },
      "stie: basel (did you mean site?), nor memory: 1 TB (there is 256.0 GiB, 8.0 GiB)",
    ],
    [{ rack: "7" }, "rack: 7"],
    [{ gpu: "RTX 3090", gpuMemory: "30 GiB" }, "gpu: RTX 3090 and gpuMemory: 30 GiB together"],
  ])("of %j", (requires, words) => {
    const who = "no ready worker that offers trainer tfjs";
    expect(unmetWords("tfjs", requires, [mixed, small])).toBe(words && `${who} has ${words}`);
  });
});

it("what is known of every machine is no label", () => {
  expect(workerLabels.safeParse({ site: "basel", "node.group": "a/b" }).success).toBe(true);
  for (const name of ["gpu", "memory", "", "-", "a".repeat(64)])
    expect(workerLabels.safeParse({ [name]: "x" }).success).toBe(false);
});
