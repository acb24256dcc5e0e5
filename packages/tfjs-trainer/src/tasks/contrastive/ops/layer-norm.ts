import { dimension, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/** Added to the variance; the value of the published CLIP. */
const epsilon = 1e-5;

/**
 * Layer normalisation of every row (Ba, Kiros & Hinton 2016): (x - mean) / sqrt(variance + 1e-5) · scale + shift, with
 * the biased variance of the row. Sums run in a fixed order in float64. Shapes: x [rows, width], scale and shift [width].
 */
export function layerNorm(tape: Tape, x: Value, { scale, shift }: { scale: Value; shift: Value }): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const width = dimension(shape, -1);
  const rows = dimension(shape, 0);
  const y = backend.makeOutput(shape, "float32");
  const means = tape.numbers(rows);
  const inverses = tape.numbers(rows);
  const xs = floatView(backend, x.tensor);
  const ys = floatView(backend, y);
  const scales = floatView(backend, scale.tensor);
  const shifts = floatView(backend, shift.tensor);
  for (let row = 0, start = 0; row < rows; row++, start += width) {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += xs[start + c] as number;
    const mean = sum / width;
    let squares = 0;
    for (let c = 0; c < width; c++) {
      const deviation = (xs[start + c] as number) - mean;
      squares += deviation * deviation;
    }
    const inverse = 1 / Math.sqrt(squares / width + epsilon);
    means[row] = mean;
    inverses[row] = inverse;
    for (let c = 0; c < width; c++) {
      ys[start + c] =
        ((xs[start + c] as number) - mean) * inverse * (scales[c] as number) + (shifts[c] as number);
    }
  }
  return tape.record(y, [x, scale, shift], (dyTensor) => {
    const dx = backend.makeOutput(shape, "float32");
    const dscale = backend.makeOutput([width], "float32");
    const dshift = backend.makeOutput([width], "float32");
    const scaleSums = tape.numbers(width);
    const shiftSums = tape.numbers(width);
    const inputs = floatView(backend, x.tensor);
    const factors = floatView(backend, scale.tensor);
    const dys = floatView(backend, dyTensor);
    const dxs = floatView(backend, dx);
    for (let row = 0, start = 0; row < rows; row++, start += width) {
      const mean = means[row] as number;
      const inverse = inverses[row] as number;
      let sum = 0;
      let sumNormal = 0;
      for (let c = 0; c < width; c++) {
        const dy = dys[start + c] as number;
        const normal = ((inputs[start + c] as number) - mean) * inverse;
        scaleSums[c] = (scaleSums[c] as number) + dy * normal;
        shiftSums[c] = (shiftSums[c] as number) + dy;
        const scaled = dy * (factors[c] as number);
        sum += scaled;
        sumNormal += scaled * normal;
      }
      sum /= width;
      sumNormal /= width;
      for (let c = 0; c < width; c++) {
        const normal = ((inputs[start + c] as number) - mean) * inverse;
        dxs[start + c] =
          inverse * ((dys[start + c] as number) * (factors[c] as number) - sum - normal * sumNormal);
      }
    }
    floatView(backend, dscale).set(scaleSums);
    floatView(backend, dshift).set(shiftSums);
    tape.give(x, dx);
    tape.give(scale, dscale);
    tape.give(shift, dshift);
  });
}
