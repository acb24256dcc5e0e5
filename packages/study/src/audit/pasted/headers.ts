import type { AuditColumn, ColumnRole } from "@reprise/contracts";
import { isBlank } from "./cells.js";

type Unit = AuditColumn["unit"];

/** What a header and the cells below it say of a column. */
export type GuessedColumn = Pick<AuditColumn, "key" | "role" | "unit" | "subject" | "change" | "note">;

/** A header in parts: "Acc (%) ↑" is the name "Acc" and the hint "%". */
export function headerParts(header: string): { name: string; hint: string } {
  const hints = [...header.matchAll(/[([]([^()[\]]*)[)\]]/g)].map(([, inside = ""]) =>
    inside.replace(/\d+\s*%\s*(?:CI|confidence interval)/i, "CI").trim(),
  );
  const name = header
    .replace(/[([][^()[\]]*[)\]]/g, " ")
    .replace(/[↑↓*†‡§]/g, "")
    .replace(/±.*$/, "")
    .replace(/[_\s]+/g, " ")
    .trim();
  return { name, hint: [...hints, ...(/%/.test(name) ? ["%"] : [])].join(" ") };
}

const words = (pattern: string) => new RegExp(`(?:^|[\\s/·-])(?:${pattern})(?=$|[\\s/·.:-])`, "i");

/** The first pattern that fits says the role; more particular names stand first. */
const guesses: [RegExp, ColumnRole][] = [
  [/^(?:seed|run|fold|rep(?:eat)?|trial)s?[\s_#-]*\d+$/i, "run"],
  [
    /^(?:seed|fold|model|method|configuration|config\.?|network|architecture|data ?sets?|task|setting|experiment|id|name|class|classifier|algorithm|optimi[sz]er)s?$/i,
    "identity",
  ],
  [
    words("lr|learning rate|epochs?|batch(?: size)?|weight decay|warm-?up.*|scheduler|momentum|dropout"),
    "setting",
  ],
  [/^(?:runs|repeats|replicates|n[\s_]?runs|number of (?:runs|repeats|seeds)|seeds|#\s*runs|folds)$/i, "n"],
  [
    /^(?:cases|samples|images|patients|lesions|slides|pairs|support|size|n[\s_]?(?:test|cases|samples|images|patients)|(?:test|number of) (?:cases|samples|images|patients|size|set)|test n|#\s*(?:cases|samples|images|test))$/i,
    "cases",
  ],
  [/^(?:correct|hits|right|n[\s_]?correct|#\s*correct)$/i, "count"],
  [words("p|p-?values?|t|df|rank|params?|parameters|flops"), "other"],
  [words("balanced acc\\.?(?:uracy)?|bacc|bal\\.? acc\\.?(?:uracy)?|macc|mean class accuracy"), "score"],
  [/\b(?:macro|micro|weighted)\b|@/i, "score"],
  [words("delta|Δ.*|change|diff(?:\\.|erence)?|improvement|gain"), "relativeChange"],
  [/Δ|delta/i, "relativeChange"],
  [words("sd|s\\.d\\.|std|stdev|std\\.? ?dev\\.?|standard deviation|deviation"), "sd"],
  [/\bsd[A-Z]?/, "sd"],
  [words("range"), "range"],
  [/(?:^|\s)D$/, "range"],
  [words("min(?:imum)?|worst|lowest"), "min"],
  [words("max(?:imum)?|best|highest"), "max"],
  [words("mean|average|avg\\.?|nondet\\w*|non-?deterministic"), "mean"],
  [words("det|deterministic|reference|baseline"), "reference"],
  [words("sens\\.?|sensitivity|recall|tpr|true positive rate|hit rate|detection rate"), "sensitivity"],
  [/sensitivity/i, "sensitivity"],
  [words("spec\\.?|specificity|tnr|true negative rate|selectivity"), "specificity"],
  [/specificity/i, "specificity"],
  [words("acc\\.?|accuracy|top-?1"), "accuracy"],
  [/acc(?:uracy)?$/i, "accuracy"],
  [
    words(
      "auc|auroc|roc[ -]?auc|auprc|pr[ -]?auc|ap|map|f1|f-?score|f1-?score|dice|dsc|iou|miou|jaccard|mcc|kappa|precision|prec\\.?|ppv|npv|score",
    ),
    "score",
  ],
  [/auc|f1|score/i, "score"],
  [
    words("kwh|co2\\w*|co₂\\w*|energy|emissions|carbon|gpu[ -]?hours|hours|minutes|time|runtime|duration"),
    "amount",
  ],
  [/kwh|co2|co₂|energy/i, "amount"],
];

const units: [RegExp, Unit][] = [
  [/%|percent|\bpp\b/i, "percent"],
  [/\bkwh\b/i, "kWh"],
  [/\bkg\b|kgco2/i, "kgCO2e"],
  [/\bmin(?:utes?|s)?\b/i, "minutes"],
  [/\b(?:h|hrs?|hours)\b/i, "hours"],
  [/\b(?:s|secs?|seconds)\b/i, "seconds"],
];

const levelRoles = new Set<ColumnRole>([
  "reference",
  "mean",
  "min",
  "max",
  "accuracy",
  "score",
  "sensitivity",
  "specificity",
  "run",
]);
const spreadRoles = new Set<ColumnRole>(["sd", "range"]);
const shares = new Set<ColumnRole>(["accuracy", "sensitivity", "specificity", "score"]);

const numbersOf = (cells: readonly string[]) =>
  cells.flatMap((cell) => {
    const match = /^[^\d+\-−–.]*([+\-−–]?\d*[.,]?\d+)/.exec(cell.trim());
    const value = Number((match?.[1] ?? "").replace(/[−–]/g, "-").replace(",", "."));
    return match && Number.isFinite(value) ? [value] : [];
  });

function isNumeric(cells: readonly string[]): boolean {
  const printed = cells.filter((cell) => !isBlank(cell));
  return (
    printed.length > 0 && numbersOf(printed).length === printed.length && !/[a-z]{2}/i.test(printed.join(""))
  );
}

/** A unit that a header names, or that its cells show; none where neither does. */
function unitOf(header: string, cells: readonly string[]): Unit | null {
  const { name, hint } = headerParts(header);
  const named =
    units.find(([pattern]) => pattern.test(hint)) ??
    units.slice(1, 3).find(([pattern]) => pattern.test(name));
  if (named) return named[1];
  const printed = cells.filter((cell) => !isBlank(cell));
  return printed.some((cell) => /\d\s*%/.test(cell)) ? "percent" : null;
}

/** A share printed as 91.2 is in percent, one printed as 0.912 is a fraction. */
export function shareUnit(header: string, cells: readonly string[]): Unit {
  const named = unitOf(header, cells);
  if (named !== null) return named;
  return numbersOf(cells).some((value) => Math.abs(value) > 1.5) ? "percent" : "fraction";
}

function roleOf(header: string, cells: readonly string[]): ColumnRole {
  const { name, hint } = headerParts(header);
  const guessed = guesses.find(([pattern]) => pattern.test(name))?.[1];
  if (guessed !== undefined) return guessed;
  if (/^(?:n|#|no\.?|count)$/i.test(name)) return "n";
  if (/kwh|\bkg\b|co2/i.test(hint)) return "amount";
  return isNumeric(cells) ? "other" : "identity";
}

/** N counts runs where means, spreads or extremes of runs are printed, and cases where rates are. */
function meaningOfN(roles: readonly ColumnRole[]): ColumnRole {
  const ofRuns = roles.some(
    (role) => role === "mean" || role === "reference" || role === "range" || role === "sd",
  );
  return !ofRuns && roles.some((role) => shares.has(role)) ? "cases" : "n";
}

/** What is left of a header without the words for its role and its unit: "PatchCam Accuracy (%)" is about "PatchCam". */
function subjectOf(header: string, role: ColumnRole): string {
  const { name } = headerParts(header);
  const beside = [...header.matchAll(/[([]([^()[\]]*)[)\]]/g)]
    .map(([, inside = ""]) => inside.trim())
    .filter(
      (hint) =>
        !units.some(([pattern]) => pattern.test(hint)) &&
        !/^(?:±|\+\/-)?\s*(?:sd|std|se|sem|ci|n|mean|range)$/i.test(hint),
    )
    .filter((hint) => !/^\d+\s*%|±|mean|σ/i.test(hint));
  const pattern = guesses.find(([candidate, of]) => of === role && candidate.test(name))?.[0];
  const rest = pattern ? name.replace(new RegExp(pattern.source, pattern.flags), " ") : "";
  return [rest, ...beside]
    .join(" ")
    .replace(/\b(?:of|in|the|over|test|runs?)\b|[%:]/gi, " ")
    .replace(/[\s/·-]+/g, " ")
    .trim();
}

/** Whether more of the printed changes are a − b than 100 (a − b) / b, to the printed decimals. */
function isDifference(
  changes: readonly string[],
  values: readonly string[],
  bases: readonly string[],
): boolean {
  const fits = changes.flatMap((text, index) => {
    const [change, value, base] = [[text], [values[index] ?? ""], [bases[index] ?? ""]].map(
      (cell) => numbersOf(cell)[0],
    );
    if (change === undefined || value === undefined || base === undefined || base === 0) return [];
    const unit = 10 ** -(/[.,](\d+)/.exec(text)?.[1] ?? "").length;
    const plain = Math.abs(Math.abs(change) - Math.abs(value - base)) <= unit;
    const relative = Math.abs(Math.abs(change) - Math.abs((100 * (value - base)) / base)) <= unit;
    return plain === relative ? [] : [plain];
  });
  return fits.filter(Boolean).length > fits.length / 2;
}

/**
 * What the columns of a table seem to be, from their headers and cells. `rows` are cells without emphasis. A relative change
 * is one only where a reference and a mean stand beside it.
 */
export function guessColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): GuessedColumn[] {
  const cellsAt = (index: number) => rows.map((row) => row[index] ?? "");
  const first = header.map((name, index) => roleOf(name, cellsAt(index)));
  const meaning = meaningOfN(first);
  // "SUM (kWh)" in a first column: the numbers behind it are amounts, whatever their headers.
  const isOfAmounts = cellsAt(0).some((cell) => /\(\s*(?:kWh|kg[^)]*)\s*\)/i.test(cell));
  // Below a row of means, numbers under names that say nothing are figures all the same.
  const hasMeans = cellsAt(0).some((cell) => /^(?:mean|average|avg\.?|ø)\b/i.test(cell));
  const roles = first.map((role, index) => {
    const { name } = headerParts(header[index] ?? "");
    const isUnnamed = role === "other" && !guesses.some(([pattern]) => pattern.test(name));
    if (hasMeans && index > 0 && isUnnamed && isNumeric(cellsAt(index))) return "score";
    if (isOfAmounts && index > 0 && role === "other" && isNumeric(cellsAt(index))) return "amount";
    return role === "n" && /^(?:n|#|no\.?|count)$/i.test(name) ? meaning : role;
  });
  const levelCells = roles.flatMap((role, index) => (levelRoles.has(role) ? [cellsAt(index)] : []));
  const isPercent = roles.some(
    (role, index) => levelRoles.has(role) && shareUnit(header[index] ?? "", cellsAt(index)) === "percent",
  );
  const named = (...wanted: ColumnRole[]) => header[roles.findIndex((role) => wanted.includes(role))];
  return header.map((key, index): GuessedColumn => {
    const role = roles[index] ?? "other";
    const cells = cellsAt(index);
    const unit = unitOf(key, cells);
    const subject = levelRoles.has(role) || spreadRoles.has(role) ? subjectOf(key, role) : "";
    if (role === "relativeChange") {
      const [value, base] = [named("reference"), named("mean")];
      if (value === undefined || base === undefined)
        return {
          key,
          role: "other",
          unit: "none",
          subject,
          note: "of which columns it is the change is not known",
        };
      const at = (name: string) => cellsAt(header.indexOf(name));
      if (isDifference(cells, at(value), at(base)))
        return {
          key,
          role: "other",
          unit: "none",
          subject,
          note: "it is a difference and no relative change",
        };
      return { key, role, unit: "percent", subject, change: { value, base }, note: "" };
    }
    if (spreadRoles.has(role))
      // Spreads are in the unit of what they are the spread of, however small they are.
      return {
        key,
        role,
        unit: unit ?? (levelCells.length === 0 ? "none" : isPercent ? "percent" : "fraction"),
        subject,
        note: "",
      };
    if (levelRoles.has(role)) return { key, role, unit: unit ?? shareUnit(key, cells), subject, note: "" };
    return { key, role, unit: role === "amount" ? (unit ?? "none") : "none", subject: "", note: "" };
  });
}
