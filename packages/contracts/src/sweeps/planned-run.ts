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
