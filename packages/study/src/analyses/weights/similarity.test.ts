import { similarityAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../../test-support/example-study.js";
import { binaryPredictions } from "../../test-support/runs-fixture.js";
import { similarityAnalysis } from "./similarity.js";
import type { SimilarityInput } from "./similarity-groups.js";

const directions = [
  [1, 2, 3],
  [1, 2, 2.5],
  [0.5, 2, 3],
];

/** Free runs get the directions above in turn, after the same first epoch; deterministic ones are copies. */
function withEmbeddings(): SimilarityInput {
  const input = exampleInput();
  const embeddings = new Map<string, { epochs: number[]; vectors: number[][] }>(
    input.runs
      .filter(({ repeat }) => repeat < 3)
      .map((run): [string, { epochs: number[]; vectors: number[][] }] => {
        const vector = (run.arm === "det" ? directions[0] : directions[run.repeat]) ?? [];
        return [run.id, { epochs: [1, 2], vectors: [[1, 1, run.seed + 1], vector] }];
      }),
  );
  return { ...input, embeddings };
}

describe("similarityAnalysis (Figures 2 and 3)", () => {
  it("gives mean and least cosine per epoch within configuration, seed and arm", () => {
    const { groups, table } = schema.parse(similarityAnalysis(withEmbeddings()));
    expect(groups).toHaveLength(8);
    expect(new Set(groups.map(({ group }) => group.seed))).toEqual(new Set([0, 42]));
    const free = groups.find(({ arm }) => arm === "free");
    expect(free).toMatchObject({ epochs: [1, 2], n: [3, 3], outputs: null });
    // NumPy: mean and minimum over the three pairs.
    expect(free?.mean).toEqual([1, expect.closeTo(0.9900324035452307, 12)]);
    expect(free?.min).toEqual([1, expect.closeTo(0.9828721869343219, 12)]);
    // NumPy: mean and maximum of 2 ‖a − b‖ / (‖a‖ + ‖b‖) over the three pairs.
    expect(free?.distance).toEqual([0, expect.closeTo(0.1595328189307926, 12)]);
    expect(free?.maxDistance).toEqual([0, expect.closeTo(0.2021992901204656, 12)]);
    const fixed = groups.find(({ arm }) => arm === "det");
    expect(fixed?.mean).toEqual([1, 1]);
    expect(fixed?.distance).toEqual([0, 0]);
    expect(table.rows).toHaveLength(16);
  });

  it("never compares seeds, and says why", () => {
    const { notes, verdicts } = similarityAnalysis(withEmbeddings());
    expect(notes.join(" ")).toContain("Only runs of one seed are compared");
    expect(verdicts.map(({ sentence }) => sentence).join(" ")).toContain("mean cosine of 0.990");
  });

  it("leaves an epoch without a common shape undefined, and zero vectors too", () => {
    const input = withEmbeddings();
    const embeddings = new Map(
      input.runs.map((run) => [run.id, { epochs: [1, 2], vectors: [[0, 0], Array(run.repeat + 1).fill(1)] }]),
    );
    const { groups } = schema.parse(similarityAnalysis({ ...input, embeddings }));
    expect(groups.find(({ arm }) => arm === "free")?.mean).toEqual([null, null]);
  });

  it("gives the CKA of scores on the same cases where predictions are stored", () => {
    const input = exampleInput();
    const predictions = new Map(
      input.runs.map((run) => [
        run.id,
        binaryPredictions("++--", run.arm === "free" && run.repeat === 1 ? "+-+-" : "++--"),
      ]),
    );
    const { groups } = schema.parse(similarityAnalysis({ ...input, predictions }));
    // Centred decisions of the odd run are orthogonal to the others: 4 of 10 pairs have CKA 0, the rest 1.
    expect(groups.find(({ arm }) => arm === "free")?.outputs).toMatchObject({
      runs: 5,
      cases: 4,
      classes: 2,
      meanCka: expect.closeTo(0.6, 12),
      minCka: expect.closeTo(0, 12),
    });
    expect(groups.find(({ arm }) => arm === "det")?.outputs?.meanCka).toBeCloseTo(1, 12);
  });

  it("gives cosine and CKA of centred activations where runs probed fixed cases", () => {
    const input = exampleInput();
    // One unit, three cases; centred (1, 0, −1), its mirror image, and (1, −2, 1), which is orthogonal to both.
    const units = [
      [6, 5, 4],
      [-1, 0, 1],
      [1, -2, 1],
    ];
    const recorded = input.runs.filter(({ repeat }) => repeat < 3);
    const probes = new Map(
      recorded.map((run) => {
        const unit = units[run.arm === "det" ? 0 : run.repeat] ?? [];
        return [run.id, { epochs: [2], activations: [unit.map((value) => [value])] }];
      }),
    );
    const embeddings = new Map(recorded.map(({ id }) => [id, { epochs: [1], vectors: [[1, 2]] }]));
    const { groups, table, notes } = schema.parse(
      similarityAnalysis({ ...input, embeddings, probes, probeEpochsLeftOut: [1] }),
    );
    const free = groups.find(({ arm }) => arm === "free");
    expect(free).toMatchObject({ epochs: [1], probe: { cases: 3, width: 1, epochs: [2], n: [3] } });
    // Pairs have cosines −1, 0, 0 and CKA 1, 0, 0: CKA does not see the mirror.
    expect(free?.probe?.meanCosine[0]).toBeCloseTo(-1 / 3, 12);
    expect(free?.probe?.minCosine[0]).toBeCloseTo(-1, 12);
    expect(free?.probe?.meanCka[0]).toBeCloseTo(1 / 3, 12);
    expect(free?.probe?.minCka[0]).toBeCloseTo(0, 12);
    const fixed = groups.find(({ arm }) => arm === "det");
    expect(fixed?.probe).toMatchObject({ meanCosine: [1], minCosine: [1], meanCka: [1], minCka: [1] });
    const row = table.rows.find(({ arm, epoch }) => arm === "free" && epoch === 2);
    expect(row).toMatchObject({ epoch: 2, n: 3, mean: null, probeCka: expect.closeTo(1 / 3, 12) });
    expect(notes.join(" ")).toContain("1 epoch are recorded but skipped");
    // The last layers of that epoch were read; its activations are recorded, so they are not called missing.
    const index = table.rows.findIndex(({ arm, epoch }) => arm === "free" && epoch === 1);
    expect(table.absent[index]?.probeCka).toMatch(/^Activations of this epoch were skipped/);
  });

  it("says when nothing was recorded", () => {
    const { groups, notes } = similarityAnalysis(exampleInput());
    expect(groups).toEqual([]);
    expect(notes.join(" ")).toContain("No two runs");
  });
});
