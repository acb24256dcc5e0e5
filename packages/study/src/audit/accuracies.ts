import { accuracyConsistency, proportionInterval } from "@reprise/statistics";
import { inBaseUnit, slack, unitFactor, unitKind, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import { baseAt, columnsWith, comparable, labelOf, numberAt, ownRowsOf } from "./tables.js";

/**
 * Is an accuracy what its sensitivity and specificity make of the prevalence? Without a declared prevalence it must at
 * least lie between the two. Allows each number one unit of its last decimal, so that numbers cut off instead of rounded pass.
 */
export const accuracyRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "accuracy").flatMap((column) => {
        const sensitivityColumn = columnsWith(table, "sensitivity").find((c) => comparable(c, column));
        const specificityColumn = columnsWith(table, "specificity").find((c) => comparable(c, column));
        if (!sensitivityColumn || !specificityColumn) return [];
        return ownRowsOf(table).map((row) => {
          const accuracy = baseAt(row, column);
          const sensitivity = baseAt(row, sensitivityColumn);
          const specificity = baseAt(row, specificityColumn);
          if (!accuracy || !sensitivity || !specificity) return null;
          const parts = `sensitivity ${sensitivity.text} and specificity ${specificity.text}`;
          const { prevalence } = column;
          let follows: string;
          if (prevalence === undefined) {
            const [low, high] = [sensitivity, specificity].toSorted((a, b) => a.value - b.value);
            if (!low || !high) return null;
            const room = 2 * accuracy.half + slack(accuracy.value);
            if (
              accuracy.value >= low.value - 2 * low.half - room &&
              accuracy.value <= high.value + 2 * high.half + room
            )
              return [];
            follows = `between ${low.text} and ${high.text}`;
          } else {
            const unit = 2 * (prevalence * sensitivity.half + (1 - prevalence) * specificity.half);
            const fit = accuracyConsistency(
              {
                accuracyPct: 100 * accuracy.value,
                sensitivity: sensitivity.value,
                specificity: specificity.value,
              },
              { prevalence, tolerancePct: 100 * (2 * accuracy.half + unit + slack(1)) },
            );
            if (fit.consistent) return [];
            const implied = fit.impliedAccuracyPct / 100 / unitFactor(column.unit);
            follows = `${written(implied, numberAt(row, column.key)?.decimals ?? 2)} at a prevalence of ${prevalence}`;
          }
          return [
            findingAt("accuracy", row, column, {
              severity: "error",
              printed: accuracy.text,
              follows,
              sentence: `${place(row)}: ${labelOf(column)} ${accuracy.text} does not follow from ${parts}, which give ${follows}.`,
            }),
          ];
        });
      }),
    ),
  );

/** Is a score below what guessing reaches, by more than its number of test cases explains (95 % Wilson interval)? */
export const belowChanceRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "accuracy", "score").flatMap((column) => {
        const { chance, cases, unit } = column;
        if (chance === undefined) return [];
        const level = chance * unitFactor(unit);
        return ownRowsOf(table).map((row) => {
          const printed = numberAt(row, column.key);
          if (!printed) return null;
          const { value, half } = inBaseUnit(printed, unit);
          const isShare = unitKind(unit) === "share" && value >= 0 && value <= 1;
          const reach =
            cases !== undefined && isShare
              ? proportionInterval(Math.min(cases, Math.round((value + half) * cases)), cases).high
              : value + half;
          if (reach >= level - slack(level)) return [];
          const chanceText = written(chance, 1);
          return [
            findingAt("below-chance", row, column, {
              severity: cases === undefined ? "note" : "warning",
              printed: printed.text,
              follows: `at least about ${chanceText} by guessing`,
              sentence: `${place(row)}: ${labelOf(column)} ${printed.text} lies below chance (${chanceText})${cases === undefined ? "" : ` by more than ${cases} test cases explain`}; the classes may be swapped or the scores inverted.`,
            }),
          ];
        });
      }),
    ),
  );
