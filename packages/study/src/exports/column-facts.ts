/**
 * What the key of a column says of its values, told here alone: rounding, joined columns and short tables ask for it.
 * The key of a count of answers ends in the name of a class ("Low", "P", "Mean"): it says nothing but that the column counts.
 */
const isOfData = (key: string) => key.startsWith("givenAs_");
const said = (pattern: RegExp) => (key: string) => !isOfData(key) && pattern.test(key);

export const isPValue = said(/(^p|P)$/);
export const isSpread = said(/(^sd|Sd)$/);

/** By what the rows of a table are told apart. */
export const isName = said(
  /^(configuration|seeds?|arm|repeat|[ab]|run[AB]|question|metric|parameter|level|baseline|column|value|class|source|step|epoch|grouping|label|what)$/,
);

/** What a claim rests on: how many runs, the value with its uncertainty, the test, and what is claimed. */
export const isEvidence = (key: string) =>
  isOfData(key) ||
  /^(n|runs|mean|mean[AB]|meanTime|.*Mean|sd|typical|estimate|difference|shift|deterministic|oneSided(Low|High)|p|adjustedP|(permutation|shift|dispersion)(Adjusted)?P|eValue|identical|equivalent|look|claim|recall)$/.test(
    key,
  );

/** Of those, what may stand once for all rows. */
export const isSaidOnce = said(/^(n|runs|identical|equivalent|look)$/);

/** Effect sizes beside the difference, which a claim does not rest on. */
export const isEffectSize = said(/^(hedgesG|outperformance)/);

/** What a reader misses least, in this order, where there are too many columns. */
export const details: readonly ((key: string) => boolean)[] = [
  said(/(^df|Df|T|^statistic)$/),
  said(/^(falsePositiveRate|maxAbsDifference|distinctDigests|deltaPercent)$/),
  said(/^(min|max)$|(Min|Max)$/),
  said(/^oneSample/),
  said(/^(range|meanPercent.*|minimumDetectableShift)$/),
  said(/^newObservation/),
  said(/^(reason|moreNeeded.*)$/),
  said(/^(design|planned)$/),
  // What stands last was thought of last.
  () => true,
];

/** "shift" of "shiftLow", nothing of "low"; null of what is no end of an interval. */
export const stemOfEnd = (key: string): string | null =>
  isOfData(key) ? null : (/^(.*?)(Low|High|low|high)$/.exec(key)?.[1] ?? null);

/** The upper end of the interval whose lower end a column holds; null of others, and of bounds that stand alone. */
export function highOf(key: string): string | null {
  const stem = /[Ll]ow$/.test(key) && !key.startsWith("oneSided") ? stemOfEnd(key) : null;
  return stem === null ? null : stem === "" ? "high" : `${stem}High`;
}

/** The column of the SD of what a column holds, and of its own interval: "aucSd" of "aucMean" and "auc"; null of a column of data. */
export function neighboursOf(key: string): { sd: string; low: string; high: string } | null {
  if (isOfData(key)) return null;
  const stem = stemOfEnd(key) ?? key.replace(/(^mean|Mean|^sd|Sd)$/, "");
  return stem === ""
    ? { sd: "sd", low: "low", high: "high" }
    : { sd: `${stem}Sd`, low: `${stem}Low`, high: `${stem}High` };
}

/** The SD that is printed with a mean; null of what is no mean. */
export const sdOfMean = (key: string): string | null =>
  /(^mean|Mean)$/.test(key) ? (neighboursOf(key)?.sd ?? null) : null;

/** Whether a column holds spreads or differences of what the table is about, not levels of it. */
export function isDifference(key: string, keys: ReadonlySet<string>): boolean {
  const stem = stemOfEnd(key) ?? key;
  if (stem === "") return keys.has("difference") || (keys.has("sd") && !keys.has("mean"));
  return !isOfData(key) && /(sd|range|difference|shift|optimism|typical|model)$/i.test(stem);
}
