import type { ComparisonResult } from "@reprise/contracts";

/** What a comparison was made of: "3 seeds, paired". */
export function designText({ design, n: [a, b] }: Pick<ComparisonResult, "design" | "n">): string {
  switch (design) {
    case "paired-by-seed":
      return `${a} seeds, paired`;
    case "paired-by-configuration":
      return `${a} configurations of one seed, paired`;
    case "independent-seed-means":
      return `${a} and ${b} seeds, unpaired`;
    case "independent-runs-of-one-seed":
      return `${a} and ${b} repeats of one seed`;
    case "none":
      return "no test";
  }
}
