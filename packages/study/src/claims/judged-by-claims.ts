import type { Run, Verdict } from "@reprise/contracts";
import { departureVerdicts, departureWords, howDeparted, isOneDeparted } from "./departures.js";
import { whyNotExecutionAlone } from "./study-claims.js";

const ofBits: ReadonlySet<Verdict["kind"]> = new Set(["bit-identical", "equal-digests", "not-identical"]);

/** A verdict over runs of which some did not run as requested: nothing is well any more, and each says so. */
function beside(verdict: Verdict, departed: string): Verdict {
  if (verdict.kind === "pending") return verdict;
  const tone = verdict.tone === "good" ? "attention" : verdict.tone;
  const remark = `${departed}.`;
  return ofBits.has(verdict.kind)
    ? { ...verdict, tone, sentence: `${verdict.sentence} ${remark}` }
    : { ...verdict, tone, basis: [...verdict.basis, remark] };
}

/**
 * An analysis with what is to be said of how its runs are known: which of them did not run as requested, and that
 * seeds, noise sources and split were only requested. `used` are the runs that its figures are made of, `left` those that are left out
 * because they departed.
 */
export function judgedByClaims<T extends { verdicts: Verdict[]; notes: string[] }>(
  analysis: T,
  used: readonly Run[],
  left: readonly Run[],
): T {
  const ended = [...used, ...left];
  const departed = departureWords(ended);
  const open = whyNotExecutionAlone(used);
  const pending = analysis.verdicts.filter(({ kind }) => kind === "pending");
  const others = analysis.verdicts.filter(({ kind }) => kind !== "pending");
  return {
    ...analysis,
    verdicts:
      departed === null
        ? analysis.verdicts
        : [...pending, ...departureVerdicts(ended), ...others.map((verdict) => beside(verdict, departed))],
    notes: open === null ? analysis.notes : [...analysis.notes, `Spread between repeats: ${open}.`],
  };
}

/** The same as notes alone, of the runs whose figures are shown and of those that are left out because they departed. */
export function claimNotes(used: readonly Run[], left: readonly Run[]): string[] {
  const ended = [...used, ...left];
  const departed = departureWords(ended);
  const isOne = isOneDeparted(ended);
  const open = whyNotExecutionAlone(used);
  return [
    ...(departed === null
      ? []
      : [
          `${departed}: ${isOne ? "its" : "their"} settings were ${howDeparted(left)} to differ from the request. ${isOne ? "It is not evidence for the arm that was requested, and is" : "They are not evidence for the arm that was requested, and are"} left out here.`,
        ]),
    ...(open === null ? [] : [`Spread between repeats: ${open}.`]),
  ];
}
