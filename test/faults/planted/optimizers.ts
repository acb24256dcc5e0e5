import { createOptimizer as right } from "../../../packages/tfjs-trainer/src/loop/optimizers.js";
import { elementOf, state } from "./fault.js";

export * from "../../../packages/tfjs-trainer/src/loop/optimizers.js";

/** The optimizer as it should be, and after its update of one step a bit that flips somewhere in the parameters. */
export const createOptimizer: typeof right = (options, layout) => {
  const optimizer = right(options, layout);
  return {
    ...optimizer,
    update(parameters, gradient, at) {
      optimizer.update(parameters, gradient, at);
      const { fault } = state;
      const flip = fault.kind === "flipped-bit" ? fault : fault.kind === "other-version" ? fault.flip : null;
      if (flip?.step !== at.step) return;
      const { tensor, index } = elementOf(layout, flip);
      // The whole vector, running statistics too: `parameters` is its beginning.
      const words = new Int32Array(parameters.buffer, parameters.byteOffset, layout.total);
      words[index] = (words[index] ?? 0) ^ (1 << flip.bit);
      state.planted = { step: at.step, tensors: [tensor] };
    },
  };
};
