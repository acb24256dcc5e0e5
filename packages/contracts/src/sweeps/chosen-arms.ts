import type { Arm } from "../protocol/execution.js";
import { isReferenceExecution } from "../protocol/execution.js";
import { armsOf, type SweepSpec } from "./sweep-spec.js";

type Designed = Pick<SweepSpec, "modes" | "arms">;

/** The arm that others are compared with: the first that sums in fixed order with deterministic algorithms. */
export function referenceArm(spec: Designed): Arm | null {
  return armsOf(spec).find(({ execution }) => isReferenceExecution(execution)) ?? null;
}

/** What was found of one arm: runs with a value, and the configuration-and-seed pairs that they are of. */
export type ArmCount = { arm: string; runs: number; cells: number };

/**
 * The arm whose runs are meant where configurations or seeds are compared and nobody names one: the one with most executions, whose
 * seed means are known best. Repeats of the reference arm are copies and count once per configuration and seed. Of equals the
 * reference arm, then the one that the study lists first. Null where there is no run.
 */
export function defaultArm(spec: Designed, found: readonly ArmCount[]): string | null {
  const reference = referenceArm(spec)?.name;
  const listed = armsOf(spec).map(({ name }) => name);
  const order = [reference, ...listed].filter((name) => name !== undefined);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const executions = ({ arm, runs, cells }: ArmCount) => (arm === reference ? Math.min(runs, cells) : runs);
  const [first] = found
    .filter(({ runs }) => runs > 0)
    .toSorted((a, b) => executions(b) - executions(a) || place(a.arm) - place(b.arm));
  return first?.arm ?? null;
}

/** The rule in words, for whoever reads which arm it is. */
export const defaultArmRule =
  "the arm with most executions; a deterministic arm counts one per configuration and seed, because its repeats are copies";
