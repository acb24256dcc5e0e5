import type { TrainerEvent } from "@reprise/contracts";
import type { Draws } from "../arithmetic/streams.js";
import type { Layout } from "./layout.js";

const hex = (bits: number) => bits.toString(16).padStart(8, "0");

/**
 * Moves one trained weight by one unit in the last place of float32, away from zero: the smallest change that weights can
 * have. Each is as likely as any other; weights that are zero (biases begin so) are passed over, since the
 * number next to zero is no small relative change. Source: Summers and Dinneen (2021), "Nondeterminism and Instability in Neural Network
 * Optimization".
 *
 * @returns what was read before and after, as an observation
 */
export function perturbOneWeight(parameters: Float32Array, layout: Layout, from: Draws): TrainerEvent {
  const bits = new Uint32Array(parameters.buffer, parameters.byteOffset, parameters.length);
  let index = from.below(layout.trained);
  for (let tried = 0; parameters[index] === 0 && tried < layout.trained; tried++)
    index = (index + 1) % layout.trained;
  const before = bits[index] ?? 0;
  bits[index] = before + 1;
  const tensor = layout.tensors.find(({ offset, size }) => index >= offset && index < offset + size);
  const place = `${tensor?.name ?? "parameters"}[${index - (tensor?.offset ?? 0)}]`;
  return {
    type: "observation",
    step: 0,
    name: "perturbed weight",
    value: `${place}: ${hex(before)} to ${hex(bits[index] ?? 0)}`,
    observer: "reprise",
  };
}
