import { similarityAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../testing/example-study.js";
import { binaryPredictions } from "../testing/runs-fixture.js";
import { type SimilarityInput, similarityAnalysis } from "./similarity.js";

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
    const fixed = groups.find(({ arm }) => arm === "det");
    expect(fixed?.mean).toEqual([1, 1]);
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

  it("says when nothing was recorded", () => {
    const { groups, notes } = similarityAnalysis(exampleInput());
    expect(groups).toEqual([]);
    expect(notes.join(" ")).toContain("No two runs");
  });
});
