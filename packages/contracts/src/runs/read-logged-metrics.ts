import { metricKey } from "../basics/metric-key.js";
import { nonFiniteNames } from "../basics/numbers.js";
import { greatestStep } from "../basics/primitives.js";
import { type Parsed, parseWith } from "../basics/validation.js";
import { type LoggedMetrics, loggedMetrics } from "./logged-runs.js";

const isStep = (given: unknown) =>
  typeof given === "number" && Number.isInteger(given) && given >= 0 && given <= greatestStep;
const isTime = (given: unknown) => typeof given === "number" && Number.isFinite(given) && given >= 0;
const names: readonly unknown[] = nonFiniteNames;
const isValue = (given: unknown) => Number.isFinite(given) || names.includes(given);

const fields = { steps: isStep, values: isValue, wallTimes: isTime };

function isStretch(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  const lists = Object.entries(fields).map(([name, isRight]): unknown[] | null => {
    const list: unknown = Reflect.get(given, name);
    return Array.isArray(list) && list.every(isRight) ? list : null;
  });
  const count = Object.keys(given).length;
  const [steps, values, times] = lists;
  if (!steps || !values || steps.length === 0 || steps.length !== values.length) return false;
  return times ? count === 3 && times.length === steps.length : count === 2 && !("wallTimes" in given);
}

/** Whether the contract would take these histories as they are; of what it would change, or refuse, this is not said. */
function areRight(given: unknown): given is LoggedMetrics["series"] {
  return (
    typeof given === "object" &&
    given !== null &&
    !Array.isArray(given) &&
    Object.entries(given).every(
      ([key, stretch]) => isStretch(stretch) && metricKey.safeParse(key).data === key,
    )
  );
}

/**
 * Parses what a run reports, as `loggedMetrics` has it. Histories of thousands of points are looked at here: the schema takes longer
 * for them than all that is done with them afterwards. It has the word on whatever is not plainly right.
 */
export function parseLoggedMetrics(input: unknown): Parsed<LoggedMetrics> {
  if (typeof input !== "object" || input === null || !("series" in input) || !areRight(input.series)) {
    return parseWith(loggedMetrics, input);
  }
  const rest = parseWith(loggedMetrics, { ...input, series: {} });
  return rest.ok ? { ok: true, value: { ...rest.value, series: input.series } } : rest;
}
