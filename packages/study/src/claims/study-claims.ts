import { type Claim, type ClaimSubject, claimSubject, type Run, weakestKnown } from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import { runClaims } from "./run-claims.js";

const noRepetitions = { verifications: [] };

/** What all runs share in words: "fixed and free", "4 different". */
function valuesOf(claims: readonly Claim[]): string {
  const values = [...new Set(claims.map(({ value }) => value))];
  return values.length > 3 ? `${values.length} different` : joinWords(values);
}

/** Claims of runs as they were read: sentences of many analyses ask for those of the same runs. */
const known = new WeakMap<Run, readonly Claim[]>();

function claimsOf(run: Run): readonly Claim[] {
  const found = known.get(run) ?? runClaims(run, noRepetitions);
  known.set(run, found);
  return found;
}

/** How what is said of all these runs is known: by the weakest word that holds for every one of them. */
export function studyClaims(runs: readonly Run[]): Claim[] {
  const bySubject = new Map<ClaimSubject, Claim[]>();
  for (const run of runs)
    for (const claim of claimsOf(run)) {
      const own = bySubject.get(claim.subject);
      if (own) own.push(claim);
      else bySubject.set(claim.subject, [claim]);
    }
  return claimSubject.options.flatMap((subject): Claim[] => {
    const own = bySubject.get(subject) ?? [];
    if (own.length === 0) return [];
    const known = weakestKnown(own.map((claim) => claim.known));
    const departed = own.filter(({ departs }) => departs);
    const telling = departed.length > 0 ? departed : own.filter((claim) => claim.known === known);
    const reason = telling[0]?.reason ?? "";
    const which = telling.length === own.length ? "" : `${telling.length} of ${counted(own.length, "run")}: `;
    return [
      {
        subject,
        value: valuesOf(own),
        known: weakestKnown(telling.map((claim) => claim.known)),
        reason: which + reason,
        departs: departed.length > 0,
      },
    ];
  });
}

/** What repeats of one seed share beside their arm. */
const held = { seed: "seeds", noise: "noise sources", split: "split" } as const;
type Held = keyof typeof held;
const isHeld = (subject: ClaimSubject): subject is Held => Object.hasOwn(held, subject);

const namesOf = (claims: readonly Claim[]) =>
  joinWords(claims.flatMap(({ subject }) => (isHeld(subject) ? held[subject] : [])));

/**
 * Why spread between repeats of these runs is not that of execution alone, as a clause without an end; null where seeds,
 * noise sources and split were observed to be held, as Reprise's own trainer holds them.
 */
export function whyNotExecutionAlone(runs: readonly Run[]): string | null {
  const claims = studyClaims(runs).filter(({ subject }) => isHeld(subject));
  const departed = claims.filter(({ departs }) => departs);
  const open = claims.filter(
    ({ known, departs }) => !departs && known !== "observed" && known !== "verified",
  );
  const known = weakestKnown(open.map((claim) => claim.known)) ?? "requested";
  const parts = [
    ...(departed.length > 0
      ? [
          `${namesOf(departed)} were ${weakestKnown(departed.map((claim) => claim.known)) ?? "reported"} to differ from the request`,
        ]
      : []),
    ...(open.length > 0 ? [`${namesOf(open)} are ${known}, not observed`] : []),
  ];
  if (parts.length === 0) return null;
  const so =
    departed.length > 0 ? "this is not execution noise alone" : "more than execution may have varied";
  return `${parts.join(", and ")}, so ${so}`;
}

/** What varies between these runs beside what is meant to was observed to be held, and none ran otherwise than its arm asks. */
export const isIsolated = (runs: readonly Run[]): boolean =>
  whyNotExecutionAlone(runs) === null && runs.every(({ departures }) => departures === 0);

/** "seed", or "requested seed" where not every run is seen to draw from it. */
export function seedWords(runs: readonly Run[]): string {
  const seed = studyClaims(runs).find(({ subject }) => subject === "seed");
  if (!seed || (seed.known === "observed" && !seed.departs)) return "seed";
  return `${seed.departs || seed.known === null ? "requested" : seed.known} seed`;
}
