import { createTape, type Tape, type Value } from "../../../arithmetic/tape.js";
import { alias } from "./rows.js";

/** A piece of a network: its result for an input, with parameters asked for by name. */
export type Piece = (tape: Tape, x: Value, parameter: (name: string) => Value) => Value;

/**
 * Gradient checkpointing (Chen et al. 2016): the piece's intermediate values are thrown away after the forward pass and
 * computed again in the backward pass. Memory for time; the numbers are the same to the bit.
 */
export function checkpointed(
  tape: Tape,
  x: Value,
  { piece, parameter }: { piece: Piece; parameter: (name: string) => Value },
): Value {
  const { backend } = tape;
  const first = createTape(backend);
  const result = piece(first, first.constant(x.tensor), (name) => first.constant(parameter(name).tensor));
  const kept = alias(first, result.tensor);
  first.release();
  return tape.record(kept, [x], (dy) => {
    const again = createTape(backend);
    const input = again.parameter(x.tensor);
    const used = new Map<string, Value>();
    const output = piece(again, input, (name) => {
      const known = used.get(name) ?? again.parameter(parameter(name).tensor);
      used.set(name, known);
      return known;
    });
    again.backward(output, alias(again, dy));
    if (input.gradient) tape.give(x, alias(tape, input.gradient));
    for (const [name, { gradient }] of used) if (gradient) tape.give(parameter(name), alias(tape, gradient));
    again.release();
  });
}
