import { expect, it } from "vitest";
import { contrastiveMetrics, questionsOnSets } from "./metrics.js";

it("tells every metric from the others without what stands in brackets, as sentences and menus show it", () => {
  const asked = ["lung", "colon"].map((name) => ({ name, dataset: "lc25000", binary: true }));
  const labels = [...contrastiveMetrics, ...questionsOnSets(asked)].map(({ label }) =>
    label.replace(/\s*\(.*\)$/, ""),
  );
  expect(labels.filter((label, index) => labels.indexOf(label) < index)).toEqual([]);
  expect(labels).toContain("test digit accuracy");
  expect(labels).toContain("test lung sensitivity on lc25000");
});
