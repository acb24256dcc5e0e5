import { z } from "zod";
import { parameters } from "../protocol/run-request.js";
import type { Energy, Run } from "../runs/run.js";

/** One training as the plan of a sweep has it; `position` is its place in the recorded order, from 0. */
export type PlannedRun = Pick<
  Run,
  | "key"
  | "position"
  | "configurationKey"
  | "configurationLabel"
  | "params"
  | "seed"
  | "mode"
  | "arm"
  | "execution"
  | "noise"
  | "repeat"
> & {
  /** Whether somebody chose the label; others are made anew when configurations are added. */
  labelGiven: boolean;
};

/** What planning a further run must know of those that a study has. */
export type ExistingRun = Omit<PlannedRun, "mode" | "execution" | "noise">;

/**
 * How the labels of a study's configurations were made, which holds until one comes that differs in something else: the
 * parameters that vary, the style of the labels, and a configuration, whose other parameters all of them share.
 */
export const labelling = z.strictObject({
  names: z.array(z.string()),
  style: z.int().nonnegative(),
  example: parameters,
});
export type Labelling = z.infer<typeof labelling>;

/** The labels of all configurations of a study by their key, and how they were made; null where only all of them tell. */
export type StudyLabels = {
  labels: ReadonlyMap<string, { label: string; given: boolean }>;
  labelling: Labelling | null;
};

/** The configuration that runs are added of, and the label that it gets if no other has it; null where only all can tell. */
export type AddedConfiguration = { key: string; label: string | null; labelGiven: boolean };

/**
 * What planning further runs of a configuration knows: the runs of it, and the label that it has or gets; or, with no label, all runs of the
 * study, from which the label is made.
 */
export type KnownRuns = { existing: readonly ExistingRun[]; label: string | null };

/** What a succeeded study run can say about the planning of the next study of its trainer and data set. */
export type FormerRun = Pick<Run, "sweepId" | "configurationKey" | "arm" | "durationMs"> & {
  model: unknown;
  epochs: unknown;
  seed: string;
  /** Whether execution was left free; the spread of such repeats is execution noise. */
  free: boolean;
  energy: Energy | null;
  /** The asked metric at the selected epoch. */
  value: number | null;
};
