import {
  builtInTrainer,
  type CaptureGap,
  type ClaimSubject,
  type CoverageLevel,
  departureSentence,
  type Evidence,
  isLogged,
  isOtherwise,
  type ObservedStretch,
  type Run,
  type SettingValue,
  seenBy,
} from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import { neverInEffect, runClaims } from "./run-claims.js";

/** A value as it was requested, which settings keep as text. */
function asValue(text: string | null): SettingValue {
  if (text === null || text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && String(number) === text ? number : text;
}

const byRank = ({ rank }: { rank?: number | undefined }) => (rank === undefined ? {} : { rank });
const byPlace = ({ where }: { where?: string | undefined }) => (where === undefined ? {} : { where });

function contradictionsOf({ observed }: Run): Evidence["contradictions"] {
  return observed.flatMap((setting) => {
    const { name, requested, departure, observer } = setting;
    if (departure === null) return [];
    return [
      {
        name,
        ...byRank(setting),
        requested: departure.kind === "changed" ? null : asValue(requested),
        observed: departure.value,
        step: departure.fromStep,
        toStep: departure.toStep,
        observer,
        ...byPlace(departure),
        sentence: departureSentence(setting),
      },
    ];
  });
}

/** What an arm asks of a process, where it asks it. */
const ofArm: readonly ClaimSubject[] = ["algorithms", "autotune", "tf32", "seed"];

/**
 * Whether a step of training was seen: by a look at one, or, of Reprise's own trainer, by what it tells. A run that failed
 * before it has shown how it would have begun.
 */
function stepWasSeen(run: Run): boolean {
  if (run.trainer === builtInTrainer)
    return run.status === "succeeded" || Object.keys(run.summary).length > 0;
  return run.observed.some(({ observer, lastStep }) => observer === "reprise" && (lastStep ?? 0) > 0);
}

function armOf(run: Run): Evidence["arm"] {
  const departed = run.observed.filter(isOtherwise);
  if (departed.length > 0)
    return {
      name: run.arm,
      held: false,
      reason: `${joinWords(departed.map(({ name }) => name))} ${departed.length === 1 ? "was" : "were"} ${seenBy(departed)} to differ from the request. The run is not evidence for its arm.`,
    };
  const claims = runClaims(run, { verifications: [] }).filter(({ subject }) => ofArm.includes(subject));
  const unused = claims.flatMap(({ subject }) => neverInEffect(run, subject) ?? []);
  const open = claims.filter(
    ({ subject, known }) =>
      known !== "observed" && known !== "verified" && neverInEffect(run, subject) === null,
  );
  if (open.length === 0 && !stepWasSeen(run)) {
    const reason = "Not observed: settings and seed were read, but no training step was seen.";
    return { name: run.arm, held: null, reason };
  }
  if (open.length === 0) {
    const left =
      unused.length === 0
        ? ""
        : ` Not observed in effect: ${joinWords(unused)}, because the process never began to use CUDA.`;
    const reason = `Settings and seed of the arm were observed as requested.${left}`;
    return { name: run.arm, held: true, reason };
  }
  return {
    name: run.arm,
    held: null,
    reason: open.map(({ subject, known }) => `${subject} ${known ?? "not recorded"}`).join(", "),
  };
}

const steps = (from: number | null, to: number | null) =>
  from === null || to === null ? "" : from === to ? ` at step ${from}` : ` from step ${from} to step ${to}`;

function coverageOf(
  run: Run,
  observed: readonly ObservedStretch[],
  gaps: readonly CaptureGap[],
): Evidence["coverage"] {
  // What a program logs of its parameters is no look at its process.
  const looked = observed.filter(({ name }) => !isLogged(name));
  const at = looked.flatMap(({ fromStep, toStep }) =>
    [fromStep, toStep].filter((step): step is number => step !== null),
  );
  const looks = looked.reduce((sum, { count }) => sum + count, 0);
  const own = looked.filter(({ observer }) => observer === "reprise").length;
  const settings = new Set(looked.map(({ name, rank }) => `${name} ${rank ?? 0}`)).size;
  const [firstStep, lastStep] = at.length === 0 ? [null, null] : [Math.min(...at), Math.max(...at)];
  const hasEnded = run.status === "succeeded";
  const isWhole = own === looked.length && gaps.length === 0 && hasEnded && stepWasSeen(run);
  // Our own trainer has nothing to look into: what it does is known by its doing it.
  const isOwn = run.trainer === builtInTrainer && run.effectiveParams !== null && looked.length === 0;
  const level: CoverageLevel = isOwn
    ? hasEnded
      ? "complete"
      : "partial"
    : looked.length === 0
      ? "none"
      : own === 0
        ? "reported"
        : isWhole
          ? "complete"
          : "partial";
  const missed =
    gaps.length === 0 ? "" : ` ${counted(gaps.length, "thing")} could not be seen: see the gaps.`;
  const who = { complete: "Reprise's code", partial: "Reprise's code", reported: "The program itself" };
  return {
    level,
    sentence: isOwn
      ? `Reprise's own trainer ${hasEnded ? "trained this run and reports what it did" : "is training this run and reports what it has done so far"}.`
      : level === "none"
        ? `The training process was not observed.${missed}`
        : `${who[level]} looked at ${counted(settings, "setting")}${steps(firstStep, lastStep)}.${
            level === "partial" && own < looked.length
              ? " Some of these observations are the program's own."
              : ""
          }${missed}`,
    looks,
    settings,
    firstStep,
    lastStep,
    ranks: [...new Set(observed.map(({ rank }) => rank ?? 0))].toSorted((a, b) => a - b),
  };
}

/** What was seen of a run's training process, held against what was requested, and where its program was found to part. */
export function evidenceOf(
  run: Run,
  observed: readonly ObservedStretch[],
  divergence: Evidence["divergence"] = null,
): Evidence {
  return {
    runId: run.id,
    observed: observed.map(({ fromStep, toStep, count, ...look }) => ({
      ...look,
      step: fromStep,
      toStep,
      looks: count,
    })),
    contradictions: contradictionsOf(run),
    arm: armOf(run),
    coverage: coverageOf(run, observed, run.gaps),
    gaps: run.gaps,
    divergence,
  };
}
