import type { AuditColumn } from "@reprise/contracts";
import { proportionOfCases, twoByTwoOfRates } from "@reprise/statistics";
import { inBaseUnit, slack, unitFactor, unitKind, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import {
  baseAt,
  columnsWith,
  comparable,
  labelOf,
  numberAt,
  ownRowsOf,
  type Row,
  repeatsOf,
} from "./tables.js";

/** Rates that are so many cases out of so many; a score (AUC, F1) is none. */
const ofCases = ["accuracy", "reference", "mean", "run", "min", "max", "sensitivity", "specificity"] as const;

/** Cases of a row by its column of role `cases`: the one that stands beside the rate, else the table's only one. */
function casesBeside(row: Row, column: AuditColumn): number | null {
  const columns = columnsWith(row.table, "cases");
  const own = columns.find((candidate) => candidate.of === column.key);
  const common = columns.filter((candidate) => candidate.of === undefined);
  const found = own ?? (common.length === 1 ? common[0] : undefined);
  const value = found && numberAt(row, found.key)?.value;
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : null;
}

/**
 * Cases behind the printed rate; null where nobody says. Sensitivity and specificity are shares of the positive and the
 * negative cases, which a column of all cases does not give without the prevalence.
 */
function casesOf(row: Row, column: AuditColumn): number | null {
  const given = column.cases ?? null;
  if (column.role !== "sensitivity" && column.role !== "specificity") {
    const isRate = column.role === "accuracy" || given !== null;
    return isRate ? (given ?? casesBeside(row, column)) : null;
  }
  const own = columnsWith(row.table, "cases").some((candidate) => candidate.of === column.key);
  if (given !== null) return given;
  if (own) return casesBeside(row, column);
  const accuracy = columnsWith(row.table, "accuracy").find((candidate) => comparable(candidate, column));
  const all = accuracy && (accuracy.cases ?? casesBeside(row, accuracy));
  if (!all || accuracy.prevalence === undefined) return null;
  const positives = accuracy.prevalence * all;
  if (Math.abs(positives - Math.round(positives)) > 1e-6 * all) return null;
  return column.role === "sensitivity" ? Math.round(positives) : all - Math.round(positives);
}

/**
 * Can the printed rate be a whole number of the cases? GRIM: means of whole numbers only take multiples of 1/N, which rounding
 * shows where N is small. A rate over n runs of N cases is taken for a mean of n such rates. Where N is not known, or so large
 * that every printed number is possible, there is nothing to check.
 * Source: Brown and Heathers 2017, The GRIM Test, Social Psychological and Personality Science 8(4), 363–369; here for
 * proportions, where each case counts 0 or 1.
 */
export const proportionRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, ...ofCases).flatMap((column) => {
        if (unitKind(column.unit) !== "share") return [];
        return ownRowsOf(table).map((row) => {
          const printed = numberAt(row, column.key);
          const cases = casesOf(row, column);
          if (!printed || cases === null) return null;
          const runs = column.role === "reference" || column.role === "run" ? 1 : (repeatsOf(row) ?? 1);
          const { value, half } = inBaseUnit(printed, column.unit);
          const fit = proportionOfCases({ value, half, cases: cases * runs });
          if (fit.possible === null) return null;
          if (fit.possible) return [];
          const scale = unitFactor(column.unit);
          const near = [fit.below, fit.above].map(
            (count) =>
              `${written(count / (cases * runs) / scale, printed.decimals + 1)} (${count} of ${cases * runs})`,
          );
          const follows = near.join(" or ");
          const behind = runs > 1 ? `${runs} runs of ${cases} cases` : `${cases} cases`;
          return [
            findingAt("proportion", row, column, {
              severity: "error",
              printed: printed.text,
              follows,
              sentence: `${place(row)}: ${labelOf(column)} ${printed.text} is not a share of ${behind}; the nearest are ${follows} (GRIM).`,
            }),
          ];
        });
      }),
    ),
  );

/** Is a count out of all cases what the printed rate says it is? For cells such as "93.4 (213/228)". */
export const countRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "count").flatMap((countColumn) => {
        const column = table.columns.find(({ key, role }) =>
          countColumn.of === undefined ? role === "accuracy" : key === countColumn.of,
        );
        if (!column || unitKind(column.unit) !== "share") return [];
        return ownRowsOf(table).map((row) => {
          const [printed, count] = [numberAt(row, column.key), numberAt(row, countColumn.key)];
          const cases = casesBeside(row, column);
          if (!printed || !count || cases === null) return null;
          const { value, half } = inBaseUnit(printed, column.unit);
          const share = count.value / cases;
          // Rounded, or cut off behind the last printed decimal.
          if (share >= value - half - slack(1) && share < value + 2 * half + slack(1)) return [];
          const follows = written(share / unitFactor(column.unit), printed.decimals + 1);
          return [
            findingAt("proportion", row, column, {
              severity: "error",
              printed: printed.text,
              follows,
              sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text}, but ${count.text} of ${cases} cases are ${follows}.`,
            }),
          ];
        });
      }),
    ),
  );

/**
 * Is there a table of true and false positives and negatives of N cases that gives accuracy, sensitivity and specificity as
 * printed, whatever the number of positive cases? Every division of the N cases is tried.
 */
export const twoByTwoRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "accuracy").flatMap((column) => {
        const sensitivityColumn = columnsWith(table, "sensitivity").find((c) => comparable(c, column));
        const specificityColumn = columnsWith(table, "specificity").find((c) => comparable(c, column));
        if (!sensitivityColumn || !specificityColumn) return [];
        return ownRowsOf(table).map((row) => {
          const [accuracy, sensitivity, specificity] = [column, sensitivityColumn, specificityColumn].map(
            (c) => baseAt(row, c),
          );
          const cases = column.cases ?? casesBeside(row, column);
          if (!accuracy || !sensitivity || !specificity || cases === null) return null;
          // Means over runs mix several such tables; with a prevalence the rule of accuracies has more to say.
          if (repeatsOf(row) !== null || column.prevalence !== undefined) return null;
          const fit = twoByTwoOfRates({
            accuracy,
            sensitivity,
            specificity,
            cases,
          });
          if (fit === null) return null;
          if (fit) return [];
          const rates = `${labelOf(sensitivityColumn)} ${sensitivity.text} and ${labelOf(specificityColumn)} ${specificity.text}`;
          return [
            findingAt("two-by-two", row, column, {
              severity: "warning",
              printed: accuracy.text,
              follows: `rates that one division of ${cases} cases gives`,
              sentence: `${place(row)}: no division of ${cases} cases into positive and negative ones gives ${labelOf(column)} ${accuracy.text} together with ${rates}, unless these are averages over more than two classes.`,
            }),
          ];
        });
      }),
    ),
  );
