import type { Verdict } from "./parts.js";

/** What is said about one subject, in the order of weight. */
export type VerdictRow = { subject: string; lines: { verdict: Verdict; words: string }[] };

const ofBits: ReadonlySet<Verdict["kind"]> = new Set(["bit-identical", "equal-digests", "not-identical"]);
const isLogged = ({ kind }: Verdict) => kind === "equal-as-logged";
const isIdentity = ({ kind }: Verdict) => ofBits.has(kind);
const isContradiction = ({ kind }: Verdict) => kind === "contradiction";
const isDivergence = ({ kind }: Verdict) => kind === "diverged";
const isDeparture = ({ kind }: Verdict) => kind === "departed";
const isFirst = (verdict: Verdict) =>
  [isIdentity, isLogged, isContradiction, isDivergence, isDeparture].some((belongs) => belongs(verdict));
/** What a reader must see, wherever it stands. */
export const isUrgent = ({ tone }: Verdict) => tone === "attention" || tone === "contradiction";
const whole = (verdict: Verdict) => ({ verdict, words: verdict.sentence });

/**
 * Sentences by what they are about: contradictions first, then what diverged, then runs that were not as requested, then bits, then what holds for every configuration alike, each configuration in
 * the order given, and last what is said over all of them. Nothing is said twice, and nothing is left out.
 */
export function verdictRows(verdicts: readonly Verdict[]): VerdictRow[] {
  const distinct = [...new Map(verdicts.map((verdict) => [verdict.sentence, verdict])).values()];
  const own = new Map<string, VerdictRow["lines"]>();
  for (const verdict of distinct) {
    if (!verdict.about) continue;
    const { configuration, statement } = verdict.about;
    own.set(configuration, [...(own.get(configuration) ?? []), { verdict, words: statement }]);
  }
  const groups = [...own.values()];
  const first = groups[0] ?? [];
  const shared = new Set(
    groups.length < 3
      ? []
      : first
          .map(({ words }) => words)
          .filter((words) => groups.every((lines) => lines.some((line) => line.words === words))),
  );
  const rows: VerdictRow[] = [
    { subject: "Impossible", lines: distinct.filter(isContradiction).map(whole) },
    { subject: "What diverged", lines: distinct.filter(isDivergence).map(whole) },
    { subject: "Not as requested", lines: distinct.filter(isDeparture).map(whole) },
    { subject: "Bit for bit", lines: distinct.filter(isIdentity).map(whole) },
    { subject: "As logged", lines: distinct.filter(isLogged).map(whole) },
    {
      subject: `All ${groups.length} configurations`,
      lines: first.filter(({ words }) => shared.has(words)),
    },
    ...[...own].map(([subject, lines]) => ({
      subject,
      lines: lines.filter(({ words }) => !shared.has(words)),
    })),
    {
      subject: own.size > 0 ? "Over all" : "What was seen",
      lines: distinct.filter((verdict) => !verdict.about && !isFirst(verdict)).map(whole),
    },
  ];
  return rows.filter(({ lines }) => lines.length > 0);
}
