import type { Layout } from "../../../packages/tfjs-trainer/src/loop/layout.js";
import type { TrainingPlan } from "../../../packages/tfjs-trainer/src/loop/plan.js";

/** A fault that is planted into one run. `at` places it, from 0 to 1, among steps, epochs or tensors. */
export type Fault =
  | { kind: "none" }
  /** An initial value that is drawn from Math.random. */
  | { kind: "unseeded-init"; tensorAt: number; elementAt: number }
  /** A data order, or the dropout masks of a step, from Math.random. */
  | { kind: "unseeded-order"; epoch: number }
  | { kind: "unseeded-dropout"; step: number }
  /** From this step on gradients are summed in order of arrival, whatever order the run claims. */
  | { kind: "arrival-order"; fromStep: number }
  /** One bit of a weight flips after a step's update. */
  | { kind: "flipped-bit"; step: number; tensorAt: number; elementAt: number; bit: number }
  /** A library of another version, with or without an effect on the arithmetic. */
  | {
      kind: "other-version";
      flip: { step: number; tensorAt: number; elementAt: number; bit: number } | null;
    };

/** What the planting really changed first, as whoever planted it saw it. */
export type Planted = { step: number | null; tensors: string[] };

type State = {
  fault: Fault;
  layout: Layout | null;
  keys: TrainingPlan["keys"] | null;
  step: number;
  planted: Planted | null;
};

/** The fault of the run that this process computes now. The product knows nothing of it. */
export const state: State = {
  fault: { kind: "none" },
  layout: null,
  keys: null,
  step: 0,
  planted: null,
};

const among = (count: number, at: number) => Math.min(count - 1, Math.floor(count * at));

/** An element of a tensor of the flat parameter vector. */
export function elementOf(
  layout: Layout,
  { tensorAt, elementAt }: { tensorAt: number; elementAt: number },
): { tensor: string; index: number } {
  const tensor = layout.tensors[among(layout.tensors.length, tensorAt)];
  if (!tensor) throw new Error("The model has no tensors.");
  return { tensor: tensor.name, index: tensor.offset + among(tensor.size, elementAt) };
}
