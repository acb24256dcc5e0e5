import type { ColumnRole } from "@reprise/contracts";

/** Roles as somebody who looks at a table would name them. */
export const roleWords: Record<ColumnRole, string> = {
  identity: "names the row",
  setting: "setting",
  n: "number of runs",
  reference: "reference value",
  mean: "mean of runs",
  sd: "standard deviation",
  range: "range of runs",
  min: "minimum",
  max: "maximum",
  relativeChange: "relative change",
  accuracy: "accuracy",
  sensitivity: "sensitivity",
  specificity: "specificity",
  score: "score",
  cases: "number of test cases",
  count: "cases answered rightly",
  run: "one of several runs",
  amount: "amount",
  aggregate: "aggregate",
  significantCount: "count of significant tests",
  other: "left out",
};
