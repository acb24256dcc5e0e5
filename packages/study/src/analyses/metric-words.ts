import type { MetricFacts, MetricInfo, MetricRange, Verdict } from "@reprise/contracts";

/** What came of holding that which is known of a metric against its values. */
export type MetricCheck = {
  /** As far as it is known and no value lies outside. */
  range: MetricRange;
  by: MetricFacts["by"];
  /** Why its values cannot be compared with each other; null where they can. */
  refusal: Verdict | null;
  /** What a reader must know before any figure, the refusal among it. */
  verdicts: Verdict[];
  notes: string[];
  /** What is taken from the name of the metric alone; said last. */
  guesses: string[];
};

/** A metric as sentences and tables speak of it. `check` is there where its values were looked at. */
export type MetricWords = {
  key: string;
  label: string;
  unit: string;
  direction: MetricInfo["direction"];
  chosenOn?: MetricFacts["chosenOn"];
  check?: MetricCheck;
};
