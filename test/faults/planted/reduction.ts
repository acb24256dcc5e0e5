import {
  createOrderSource as rightOrder,
  reduceGradients as rightSum,
} from "../../../packages/tfjs-trainer/src/arithmetic/reduction.js";
import { state } from "./fault.js";

export * from "../../../packages/tfjs-trainer/src/arithmetic/reduction.js";

/** The order as it was claimed, but that of arrival where the fault says so. */
export const createOrderSource: typeof rightOrder = (plan) => {
  const right = rightOrder(plan);
  return (step, arrived) => {
    state.step = step;
    const { fault } = state;
    return fault.kind === "arrival-order" && step >= fault.fromStep ? arrived : right(step, arrived);
  };
};

const bits = (values: Float32Array) => new Int32Array(values.buffer, values.byteOffset, values.length);

/** The sum as it should be; notes the first step in which the order of arrival changed it, and where. */
export const reduceGradients: typeof rightSum = (memory, order, target) => {
  const { fault, layout, planted } = state;
  if (fault.kind === "arrival-order" && !planted && layout) {
    const fixed = new Float32Array(target.length);
    const ascending = Array.from(order).toSorted((a, b) => a - b);
    const lossOfFixed = rightSum(memory, ascending, fixed);
    const loss = rightSum(memory, order, target);
    const [a, b] = [bits(fixed), bits(target)];
    const tensors = layout.tensors.filter(({ offset, size }) =>
      a.subarray(offset, offset + size).some((word, i) => word !== b[offset + i]),
    );
    if (tensors.length > 0 || loss !== lossOfFixed)
      state.planted = { step: state.step, tensors: tensors.map(({ name }) => name) };
  }
  return rightSum(memory, order, target);
};
