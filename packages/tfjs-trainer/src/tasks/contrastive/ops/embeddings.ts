import { dimension, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/**
 * Token vectors plus position vectors. The gradient of a token that occurs several times is summed in order of occurrence.
 * Shapes: ids [sequences · tokens] rows of the table, table [vocabulary, width], positions [tokens, width]; result
 * [sequences · tokens, width].
 */
export function embedTokens(
  tape: Tape,
  ids: Int32Array,
  { table, positions }: { table: Value; positions: Value },
): Value {
  const { backend } = tape;
  const [tokens = 0, width = 0] = positions.tensor.shape;
  const y = backend.makeOutput([ids.length, width], "float32");
  const vectors = floatView(backend, table.tensor);
  const places = floatView(backend, positions.tensor);
  const ys = floatView(backend, y);
  for (let row = 0; row < ids.length; row++) {
    const from = (ids[row] as number) * width;
    const place = (row % tokens) * width;
    const to = row * width;
    for (let c = 0; c < width; c++)
      ys[to + c] = (vectors[from + c] as number) + (places[place + c] as number);
  }
  return tape.record(y, [table, positions], (dy) => {
    const dtable = backend.makeOutput(table.tensor.shape, "float32");
    const dpositions = backend.makeOutput(positions.tensor.shape, "float32");
    const dys = floatView(backend, dy);
    const rows = floatView(backend, dtable).fill(0);
    for (let row = 0; row < ids.length; row++) {
      const to = (ids[row] as number) * width;
      const from = row * width;
      for (let c = 0; c < width; c++) rows[to + c] = (rows[to + c] as number) + (dys[from + c] as number);
    }
    floatView(backend, dpositions).set(sumOverSequences(dys, tokens * width));
    tape.give(table, dtable);
    tape.give(positions, dpositions);
  });
}

/**
 * Puts the class vector before the patch vectors of every image and adds position vectors.
 * Shapes: patches [images · (tokens - 1), width], classVector [width], positions [tokens, width]; result
 * [images · tokens, width].
 */
export function embedPatches(
  tape: Tape,
  patches: Value,
  { classVector, positions }: { classVector: Value; positions: Value },
): Value {
  const { backend } = tape;
  const [tokens = 0, width = 0] = positions.tensor.shape;
  const images = dimension(patches.tensor.shape, 0) / (tokens - 1);
  const size = tokens * width;
  const y = backend.makeOutput([images * tokens, width], "float32");
  const xs = floatView(backend, patches.tensor);
  const places = floatView(backend, positions.tensor);
  const first = floatView(backend, classVector.tensor);
  const ys = floatView(backend, y);
  for (let image = 0; image < images; image++) {
    const to = image * size;
    const from = image * (size - width) - width;
    for (let c = 0; c < width; c++) ys[to + c] = (first[c] as number) + (places[c] as number);
    for (let i = width; i < size; i++) ys[to + i] = (xs[from + i] as number) + (places[i] as number);
  }
  return tape.record(y, [patches, classVector, positions], (dy) => {
    const dpatches = backend.makeOutput(patches.tensor.shape, "float32");
    const dclass = backend.makeOutput([width], "float32");
    const dpositions = backend.makeOutput(positions.tensor.shape, "float32");
    const dys = floatView(backend, dy);
    const dxs = floatView(backend, dpatches);
    for (let image = 0; image < images; image++) {
      dxs.set(dys.subarray(image * size + width, (image + 1) * size), image * (size - width));
    }
    const sums = sumOverSequences(dys, size);
    floatView(backend, dpositions).set(sums);
    floatView(backend, dclass).set(sums.subarray(0, width));
    tape.give(patches, dpatches);
    tape.give(classVector, dclass);
    tape.give(positions, dpositions);
  });
}

/** The named rows, in the given order; every row at most once. Shapes: x [rows, width], result [picked, width]. */
export function pickRows(tape: Tape, x: Value, picked: Int32Array): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const width = dimension(shape, -1);
  const y = backend.makeOutput([picked.length, width], "float32");
  const xs = floatView(backend, x.tensor);
  const ys = floatView(backend, y);
  for (const [row, from] of picked.entries())
    ys.set(xs.subarray(from * width, (from + 1) * width), row * width);
  return tape.record(y, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const dys = floatView(backend, dy);
    const dxs = floatView(backend, dx).fill(0);
    for (const [row, to] of picked.entries())
      dxs.set(dys.subarray(row * width, (row + 1) * width), to * width);
    tape.give(x, dx);
  });
}

/** Sum over sequences that lie one after another, each of `size` numbers, in float64. */
function sumOverSequences(values: Float32Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  for (let start = 0; start < values.length; start += size) {
    for (let i = 0; i < size; i++) sums[i] = (sums[i] as number) + (values[start + i] as number);
  }
  return sums;
}
