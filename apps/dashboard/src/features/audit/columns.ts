import type { AuditRequest, ColumnRole, columnUnits } from "@reprise/contracts";

type Unit = (typeof columnUnits)[number];

export type ColumnChoice = {
  key: string;
  role: ColumnRole;
  unit: Unit;
  /** Columns that a relative change was computed from; "" where none was named. */
  value: string;
  base: string;
};

/** Made up, with two mistakes to be found: a wrong sign, and an SD that the range does not allow. */
export const example = `configuration,n,det,mean,delta %,sd,range
A,10,92.10,92.40,-0.325,0.21,0.66
B,10,93.00,92.80,-0.216,0.18,0.55
C,10,91.50,91.35,0.164,0.95,0.60
`;

/** Header cells of a CSV, quotes taken off. */
function headerOf(csv: string): string[] {
  const line = csv.trimStart().split(/\r?\n/, 1)[0] ?? "";
  const separator = [",", ";", "\t"].find((mark) => line.includes(mark)) ?? ",";
  return line
    .split(separator)
    .map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .replaceAll('""', '"'),
    )
    .filter((cell) => cell !== "");
}

const guesses: [RegExp, ColumnRole][] = [
  [/^n$|^(runs|repeats|n runs)$/i, "n"],
  [/sensitivity|recall/i, "sensitivity"],
  [/specificity/i, "specificity"],
  [/delta|Δ|change|diff/i, "relativeChange"],
  [/\bsd\b|\bstd\b|deviation/i, "sd"],
  [/range|\bD\b/, "range"],
  [/^min/i, "min"],
  [/^max/i, "max"],
  [/mean|average|nondet/i, "mean"],
  [/\bdet|reference|baseline/i, "reference"],
  [/acc/i, "accuracy"],
  [/auc|f1|score/i, "score"],
  [/kwh|co2|energy/i, "amount"],
];

const levelRoles = new Set<ColumnRole>(["reference", "mean", "min", "max", "accuracy", "score"]);
const unitless = new Set<ColumnRole>(["identity", "setting", "n", "amount", "significantCount", "other"]);

/** What the columns of a pasted table seem to be, from their names and first values. */
export function guessColumns(csv: string): ColumnChoice[] {
  if (csv.trim() === "") return [];
  const header = headerOf(csv);
  const cells =
    csv
      .trim()
      .split(/\r?\n/)[1]
      ?.split(/[,;\t]/) ?? [];
  const roles = header.map((name, index): ColumnRole => {
    const guessed = guesses.find(([pattern]) => pattern.test(name))?.[1];
    return guessed ?? (Number.isNaN(Number(cells[index])) ? "identity" : "other");
  });
  const named = (role: ColumnRole) => header[roles.indexOf(role)] ?? "";
  // Spreads are in the unit of what they are the spread of, however small they are.
  const levels = roles.flatMap((role, index) => (levelRoles.has(role) ? Math.abs(Number(cells[index])) : []));
  const levelUnit: Unit = levels.some((value) => value > 1.5) ? "percent" : "fraction";
  return header.map((key, index): ColumnChoice => {
    const role = roles[index] ?? "other";
    const isChange = role === "relativeChange";
    return {
      key,
      role,
      unit: isChange ? "percent" : unitless.has(role) ? "none" : levelUnit,
      value: isChange ? named("reference") : "",
      base: isChange ? named("mean") : "",
    };
  });
}

type Column = { role: ColumnRole; unit: Unit; change?: { value: string; base: string } };

/** The body of an audit: columns left out are ignored by the server. */
export function requestOf(
  name: string,
  csv: string,
  columns: readonly ColumnChoice[],
): {
  tables: { name: string; csv: string; columns: Record<string, Column> }[];
  claims: AuditRequest["claims"];
} {
  const chosen = columns.filter(({ role }) => role !== "other");
  return {
    tables: [
      {
        name: name.trim() || "Table",
        csv,
        columns: Object.fromEntries(
          chosen.map(({ key, role, unit, value, base }) => [
            key,
            {
              role,
              unit,
              ...(role === "relativeChange" && value !== "" && base !== ""
                ? { change: { value, base } }
                : {}),
            },
          ]),
        ),
      },
    ],
    claims: [],
  };
}
