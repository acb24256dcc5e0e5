import { initialise as right } from "../../../packages/tfjs-trainer/src/loop/layout.js";
import { elementOf, state } from "./fault.js";

export * from "../../../packages/tfjs-trainer/src/loop/layout.js";

/** Initial values as they should be, but for one that nobody seeded. */
export const initialise: typeof right = (target, layout, key) => {
  right(target, layout, key);
  state.layout = layout;
  const { fault } = state;
  if (fault.kind !== "unseeded-init") return;
  const { tensor, index } = elementOf(layout, fault);
  const before = target[index];
  while (target[index] === before) target[index] = Math.random();
  state.planted = { step: null, tensors: [tensor] };
};
