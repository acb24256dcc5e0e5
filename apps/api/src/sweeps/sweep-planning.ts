import {
  externalTrainer,
  type FieldError,
  type LeftOutTrainer,
  type PlannedRun,
  requirementErrors,
  type SweepSpec,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { announcedTrainers, type Database, leftOutTrainers } from "@reprise/database";
import {
  assertExpandable,
  checkAgainstTrainer,
  designErrors,
  everyError,
  expandExtension,
  expandLook,
  SweepDesignError,
  SweepTooLargeError,
} from "@reprise/study";
import { problem } from "../http/problems.js";
import { withDefaultSplit } from "./default-split.js";
import { evaluationErrors } from "./evaluation-planning.js";

/** What every connected kind of worker announced. */
export async function knownTrainers(db: Database): Promise<TrainerCapabilities[]> {
  return (await announcedTrainers(db)).map(({ capabilities }) => capabilities);
}

/**
 * What stands against a spec: an over-large or impossible design first, because nothing else matters then. Before any
 * trainer has announced itself there is nothing to check against: such a sweep waits, and says so.
 */
export function errorsOf(
  spec: SweepSpec,
  trainers: readonly TrainerCapabilities[],
  leftOut: readonly (LeftOutTrainer & { worker: string })[],
): FieldError[] {
  const design = designErrors(spec);
  const isMissed = leftOut.some(({ name }) => name === spec.trainer);
  const unknown = trainers.length === 0 && spec.trainer !== externalTrainer && !isMissed;
  if (design.length > 0) return design;
  const needs = requirementErrors(spec.resources.requires);
  return unknown ? needs : [...needs, ...checkAgainstTrainer(spec, trainers, leftOut)];
}

/** Everything that is wrong with a document that need not even have the form of a sweep; empty where nothing is. */
export async function documentErrors(db: Database, document: unknown): Promise<FieldError[]> {
  const [trainers, leftOut] = await Promise.all([knownTrainers(db), leftOutTrainers(db)]);
  const complete = withDefaultSplit(document, trainers);
  return everyError(complete, (spec) => errorsOf(spec, trainers, leftOut));
}

export type SweepPlan = { runs: PlannedRun[]; deviceClass: TrainerCapabilities["deviceClass"] };

/**
 * The runs with which a well-formed spec begins (of a sequential study, those of its first look), checked against what workers announced.
 * @throws {ProblemError} sweep-too-large with the count, invalid-sweep-spec with one error per field.
 */
export async function planSweep(db: Database, spec: SweepSpec): Promise<SweepPlan> {
  const planned = await plan(db, spec, () => expandLook(spec, 0));
  return withEvaluations(db, spec, planned);
}

/** The plan, once nothing stands against what it evaluates. */
async function withEvaluations(db: Database, spec: SweepSpec, planned: SweepPlan): Promise<SweepPlan> {
  const errors = await evaluationErrors(db, spec);
  if (errors.length > 0) throw invalidSpec(errors);
  return planned;
}

async function plan(db: Database, spec: SweepSpec, expand: () => PlannedRun[]): Promise<SweepPlan> {
  const [trainers, leftOut] = await Promise.all([knownTrainers(db), leftOutTrainers(db)]);
  try {
    assertExpandable(spec);
    const errors = errorsOf(spec, trainers, leftOut);
    if (errors.length > 0) throw invalidSpec(errors);
    const trainer = trainers.find(({ name }) => name === spec.trainer);
    return { runs: expand(), deviceClass: trainer?.deviceClass ?? "cpu" };
  } catch (error) {
    if (error instanceof SweepTooLargeError) {
      throw problem("sweep-too-large", error.errors.map(({ message }) => message).join("; "), {
        errors: error.errors,
      });
    }
    if (error instanceof SweepDesignError) throw invalidSpec(error.errors);
    throw error;
  }
}

/** The problem that a spec with errors is. */
export function invalidSpec(errors: FieldError[]) {
  const count = errors.length === 1 ? "one error" : `${errors.length} errors`;
  return problem("invalid-sweep-spec", `The sweep has ${count}; see "errors". Nothing was created.`, {
    errors,
  });
}

/**
 * The runs that an extension adds, placed behind those that exist.
 * @throws {ProblemError} like {@link planSweep}, for the extended spec as a whole.
 */
export async function planExtension(
  db: Database,
  extended: SweepSpec,
  existing: { keys: ReadonlySet<string>; count: number },
): Promise<SweepPlan> {
  const planned = await plan(db, extended, () => expandExtension(extended, existing.keys, existing.count));
  return withEvaluations(db, extended, planned);
}
