import { draws as right } from "../../../packages/tfjs-trainer/src/arithmetic/streams.js";
import { state } from "./fault.js";

export * from "../../../packages/tfjs-trainer/src/arithmetic/streams.js";

const unseeded: ReturnType<typeof right> = {
  word: () => Math.floor(Math.random() * 2 ** 32),
  uniform: Math.random,
  below: (bound) => Math.floor(Math.random() * bound),
};

/** Draws as they should be, but from Math.random where the fault says so. */
export const draws: typeof right = (key, index, part) => {
  const { fault, keys } = state;
  const isFaulty =
    (fault.kind === "unseeded-order" && key === keys?.dataOrder && index === fault.epoch) ||
    (fault.kind === "unseeded-dropout" && key === keys?.dropout && index === fault.step);
  return isFaulty ? unseeded : right(key, index, part);
};
