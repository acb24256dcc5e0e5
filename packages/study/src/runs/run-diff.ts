import {
  areComparable,
  canonicalJson,
  type Environment,
  isSetByArm,
  type LadderRung,
  type Run,
  type RunDiff,
  type RungDifference,
  rungKinds,
} from "@reprise/contracts";
import { type ContradictionInput, contradictionsOf } from "../evidence/contradictions.js";
import { isReported } from "../evidence/digest-source.js";
import { compareRungs } from "../verification/compare-rungs.js";
import { divergenceSentences } from "../verification/divergence-words.js";
import { type DivergenceEvidence, locateDivergence } from "../verification/locate-divergence.js";
import { byLikelihood, likelihoodOf } from "../verification/suspects.js";

/** Rungs that a diff lists; per-step ladders have thousands. */
const listedRungs = 1000;

type Difference<T> = { key: string; a: T | null; b: T | null; missing: "a" | "b" | null };

/** Keys whose values differ, or that one side lacks. Values are compared as JSON, lists included. */
export function differences<T>(a: Record<string, T>, b: Record<string, T>): Difference<T>[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) => {
    const inA = Object.hasOwn(a, key);
    const inB = Object.hasOwn(b, key);
    const [left, right] = [a[key] ?? null, b[key] ?? null];
    if (inA && inB && canonicalJson(left) === canonicalJson(right)) return [];
    return [{ key, a: left, b: right, missing: inA ? (inB ? null : ("b" as const)) : ("a" as const) }];
  });
}

/** Environment values that differ, those first that are most likely to change results. */
export function environmentDifferences(
  a: Environment["values"],
  b: Environment["values"],
  betweenArms = false,
): RunDiff["environment"] {
  return differences(a, b)
    .toSorted((x, y) => byLikelihood(x.key, y.key))
    .map((difference) => ({
      ...difference,
      likelihood: likelihoodOf(difference.key),
      setByArm: betweenArms && isSetByArm(difference.key),
    }));
}

const prefixed = <T>(prefix: string, values: Record<string, T>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));

/** Everything that was set before a run began, under dotted names. */
function configurationOf(run: Run) {
  return {
    ...prefixed("params", run.params),
    ...prefixed("effectiveParams", run.effectiveParams ?? {}),
    ...prefixed("execution", run.execution),
    ...prefixed("noise", run.noise),
    seed: run.seed,
    mode: run.mode,
    arm: run.arm,
    repeat: run.repeat,
    trainer: run.trainer,
    dataset: run.dataset,
    backendRequested: run.backendRequested,
    backendUsed: run.backendUsed,
  };
}

/** Where what both computed first differs; null where nothing does. */
function partingOf(
  a: readonly LadderRung[],
  b: readonly LadderRung[],
  evidence: DivergenceEvidence | null,
): RunDiff["ladder"]["parting"] {
  const place = compareRungs(a, b).firstDivergence;
  if (place === null) return null;
  const divergence = locateDivergence(place, a, evidence);
  return { ...divergence, sentence: divergenceSentences(divergence) };
}

/** Compares two ladders rung by rung, in ladder order; `evidence` tells of tensors where they part. */
export function compareLadders(
  a: readonly LadderRung[],
  b: readonly LadderRung[],
  evidence: DivergenceEvidence | null = null,
): RunDiff["ladder"] {
  const place = ({ kind, position }: { kind: LadderRung["kind"]; position: number }) => `${kind} ${position}`;
  const rungs = new Map<string, RungDifference & { algorithm: string }>();
  for (const { kind, position, digest, algorithm } of a) {
    rungs.set(place({ kind, position }), { kind, position, a: digest, b: null, comparable: true, algorithm });
  }
  for (const { kind, position, digest, algorithm } of b) {
    const rung = rungs.get(place({ kind, position }));
    const comparable = rung === undefined || areComparable(rung.algorithm, algorithm);
    const ofA = rung?.a ?? null;
    rungs.set(place({ kind, position }), { kind, position, a: ofA, b: digest, comparable, algorithm });
  }
  const all = [...rungs.values()]
    .sort((x, y) => rungKinds.indexOf(x.kind) - rungKinds.indexOf(y.kind) || x.position - y.position)
    .map(({ algorithm: _, ...rung }) => rung);
  const unlike = all.filter((rung) => rung.a !== rung.b || !rung.comparable);
  const differing = unlike.filter(({ comparable }) => comparable);
  return {
    matched: all.length - unlike.length,
    differing: differing.length,
    incomparable: compareRungs(a, b).incomparable,
    firstDivergence: differing.find((rung) => rung.a !== null && rung.b !== null) ?? null,
    parting: partingOf(a, b, evidence),
    differences: unlike.slice(0, listedRungs),
  };
}

/** A run with what it ran in and the rungs that it left. */
export type DiffedRun = {
  run: Run;
  environment: Environment["values"];
  rungs: readonly LadderRung[];
};

/** What tells two runs apart; `tensors` is what is stored of them where their ladders part. */
export function diffRuns(
  a: DiffedRun,
  b: DiffedRun,
  {
    tensors = null,
    ...more
  }: Omit<ContradictionInput, "runs"> & { tensors?: DivergenceEvidence | null } = {},
): RunDiff {
  const environmentsRecorded = { a: a.run.environmentId !== null, b: b.run.environmentId !== null };
  const bothRecorded = environmentsRecorded.a && environmentsRecorded.b;
  return {
    a: a.run.id,
    b: b.run.id,
    configuration: differences(configurationOf(a.run), configurationOf(b.run)),
    environmentsRecorded,
    environment: bothRecorded
      ? environmentDifferences(a.environment, b.environment, a.run.arm !== b.run.arm)
      : [],
    digestsReported: isReported([a.run, b.run]),
    contradictions: contradictionsOf({ ...more, runs: [a.run, b.run] }),
    ladder: compareLadders(a.rungs, b.rungs, tensors),
  };
}
