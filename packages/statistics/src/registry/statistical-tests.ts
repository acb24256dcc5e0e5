import { closest } from "fastest-levenshtein";
import { statisticsError } from "../errors.js";
import { decodeNumbers, encodeNumbers } from "../numerics/numbers.js";
import { classificationTests } from "./classification-tests.js";
import { clinicalTests } from "./clinical-tests.js";
import { meanTests } from "./mean-tests.js";
import { otherTests } from "./other-tests.js";
import { rankAndVarianceTests } from "./rank-and-variance-tests.js";
import { resamplingTests } from "./resampling-tests.js";

/** Every test that can be called by name, over HTTP as from code. */
export const statisticalTests = {
  ...meanTests,
  ...rankAndVarianceTests,
  ...classificationTests,
  ...clinicalTests,
  ...resamplingTests,
  ...otherTests,
};

export type StatisticalTestName = keyof typeof statisticalTests;

export const statisticalTestNames: readonly string[] = Object.keys(statisticalTests);

export function isStatisticalTestName(name: string): name is StatisticalTestName {
  return Object.hasOwn(statisticalTests, name);
}

/** JSON-ready: the test's named numbers (NaN and infinities as words), `reason` where they are degenerate. */
export type EncodedAnswer = Readonly<Record<string, unknown>> & {
  readonly ignoredOptions: readonly string[];
};

/**
 * Runs a test by name on JSON. Numbers that JSON cannot hold come and go as "NaN", "Infinity", "-Infinity"; options the test
 * does not know are listed in `ignoredOptions`. Throws a StatisticsError: "unknown-test" names the nearest test,
 * "invalid-input" the field, the value and the way out.
 */
export function runStatisticalTest(
  name: string,
  body: { input?: unknown; options?: unknown },
): EncodedAnswer {
  if (!isStatisticalTestName(name)) {
    throw statisticsError({
      code: "unknown-test",
      field: "test",
      value: name,
      problem: "is not a known test",
      remedy: `Did you mean ${closest(name.slice(0, 100), statisticalTestNames)}? ${statisticalTestNames.length} tests are known.`,
    });
  }
  const input = decodeNumbers(body.input ?? {});
  const answer = statisticalTests[name].run(input, decodeNumbers(body.options ?? {}));
  const encoded = Object.entries(answer).map(([key, value]) => [key, encodeNumbers(value)]);
  return { ...Object.fromEntries(encoded), ignoredOptions: answer.ignoredOptions };
}
