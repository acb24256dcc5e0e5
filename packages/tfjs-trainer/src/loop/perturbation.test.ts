import { ulpDistance } from "@reprise/statistics";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { draws, streamKey } from "../arithmetic/streams.js";
import { buildTrainer } from "../program/build.js";
import { runBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, rungOf } from "../test-support/run-events.js";
import { requestOf } from "../test-support/run-request.js";
import { layOut } from "./layout.js";
import { perturbOneWeight } from "./perturbation.js";

// Starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const ulp = {
  order: "fixed",
  algorithms: "deterministic",
  autotune: false,
  tf32: false,
  perturb: "ulp",
} as const;
const small = { hiddenUnits: [16], epochs: 3, batchSize: 32, learningRate: 0.01 };

describe("one unit in the last place", () => {
  it("is all that changes, and what is told is what was written", () => {
    const layout = layOut([
      { name: "a/kernel", role: "weight", shape: [4, 3], fanIn: 4 },
      { name: "a/bias", role: "bias", shape: [3], fanIn: 4 },
    ]);
    const parameters = Float32Array.from({ length: layout.trained }, (_, i) =>
      i < 12 ? 0.1 * (i - 5.5) : 0,
    );
    const before = Float32Array.from(parameters);
    for (let repeat = 0; repeat < 50; repeat++) {
      parameters.set(before);
      const told = perturbOneWeight(parameters, layout, draws(streamKey(3, "perturb", repeat), 0));
      const changed = [...parameters.keys()].filter((i) => parameters[i] !== before[i]);
      expect(changed).toHaveLength(1);
      const [at = 0] = changed;
      expect(ulpDistance(Number(before[at]), Number(parameters[at]), "float32").ulps).toBe(1n);
      expect(told).toMatchObject({ value: expect.stringContaining(`a/kernel[${at}]`), observer: "reprise" });
    }
  });
});

describe("a perturbed run", () => {
  beforeAll(async () => {
    await buildTrainer();
  }, 180_000);

  it("begins one bit away, repeats itself to the bit, and ends elsewhere; others keep their digests", async () => {
    const perturbed = (repeat: number) =>
      runBundled(requestOf("fixed", small, { arm: { name: "ulp", execution: ulp }, repeat }));
    const [plain, one, again, other] = await Promise.all([
      runBundled(requestOf("fixed", small)),
      perturbed(0),
      perturbed(0),
      perturbed(1),
    ]);
    if (!plain || !one || !again || !other) throw new Error("No run.");
    expect(digestOf(again)).toBe(digestOf(one));
    expect(new Set([plain, one, other].map(digestOf)).size).toBe(3);
    expect(rungOf(one, "configuration")).toEqual(rungOf(plain, "configuration"));
    expect(rungOf(one, "dataOrder")).toEqual(rungOf(plain, "dataOrder"));
    expect(rungOf(one, "initialWeights")).not.toEqual(rungOf(plain, "initialWeights"));
    const seen = eventsOf(one, "observation").filter(({ name }) => name === "perturbed weight");
    expect(seen).toHaveLength(1);
    expect(eventsOf(plain, "observation").filter(({ name }) => name === "perturbed weight")).toEqual([]);
  });
});
