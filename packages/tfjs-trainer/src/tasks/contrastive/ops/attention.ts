import { dimension, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/** Sequences of `tokens` rows each, attended to by `heads` heads; `causal`: a token sees itself and those before it. */
export type AttentionShape = {
  tokens: number;
  heads: number;
  causal: boolean;
};

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017), on queries, keys and values that lie side by
 * side. For heads of 16 to 64 numbers over a few dozen tokens, one fused loop costs less than the reshapes, transposes
 * and small batched products of the composition. One head of one sequence at a time is copied together into float64, where
 * every sum runs in a fixed order.
 * Shapes: qkv [sequences · tokens, 3 · width], result [sequences · tokens, width].
 */
export function attention(tape: Tape, qkv: Value, { tokens, heads, causal }: AttentionShape): Value {
  const { backend } = tape;
  const [rows = 0] = qkv.tensor.shape;
  const width = dimension(qkv.tensor.shape, -1) / 3;
  const depth = width / heads;
  const sequences = rows / tokens;
  const scale = 1 / Math.sqrt(depth);
  const size = tokens * depth;
  const square = tokens * tokens;
  const y = backend.makeOutput([rows, width], "float32");
  const weights = tape.numbers(sequences * heads * square);
  const [q, k, v, out] = [tape.numbers(size), tape.numbers(size), tape.numbers(size), tape.numbers(size)];
  const input = floatView(backend, qkv.tensor);
  const ys = floatView(backend, y);
  for (let s = 0, at = 0; s < sequences; s++) {
    const first = s * tokens;
    for (let head = 0; head < heads; head++, at += square) {
      gatherHead(input, q, { first, column: head * depth, stride: 3 * width, depth });
      gatherHead(input, k, { first, column: width + head * depth, stride: 3 * width, depth });
      gatherHead(input, v, { first, column: 2 * width + head * depth, stride: 3 * width, depth });
      for (let i = 0; i < tokens; i++) {
        const seen = causal ? i + 1 : tokens;
        softmaxOfProducts({ q, k, weights }, { query: i * depth, row: at + i * tokens, seen, depth, scale });
      }
      weightedSums({ weights, v, out }, { at, tokens, depth, causal });
      scatterHead(out, ys, { first, column: head * depth, stride: width, depth });
    }
  }

  return tape.record(y, [qkv], (dyTensor) => {
    const gradient = backend.makeOutput([rows, 3 * width], "float32");
    const inputs = floatView(backend, qkv.tensor);
    const dys = floatView(backend, dyTensor);
    const target = floatView(backend, gradient);
    const dy = out;
    const [dq, dk, dv] = [tape.numbers(size), tape.numbers(size), tape.numbers(size)];
    const slopes = tape.numbers(tokens);
    for (let s = 0, at = 0; s < sequences; s++) {
      const first = s * tokens;
      for (let head = 0; head < heads; head++, at += square) {
        const column = head * depth;
        gatherHead(inputs, q, { first, column, stride: 3 * width, depth });
        gatherHead(inputs, k, { first, column: width + column, stride: 3 * width, depth });
        gatherHead(inputs, v, { first, column: 2 * width + column, stride: 3 * width, depth });
        gatherHead(dys, dy, { first, column, stride: width, depth });
        dq.fill(0);
        dk.fill(0);
        dv.fill(0);
        backwardHead({ q, k, v, dy, weights, slopes, dq, dk, dv }, { at, tokens, depth, causal, scale });
        scatterHead(dq, target, { first, column, stride: 3 * width, depth });
        scatterHead(dk, target, { first, column: width + column, stride: 3 * width, depth });
        scatterHead(dv, target, { first, column: 2 * width + column, stride: 3 * width, depth });
      }
    }
    tape.give(qkv, gradient);
  });
}

type Place = {
  /** First row of the sequence, first column of the head. */
  first: number;
  column: number;
  stride: number;
  depth: number;
};

function gatherHead(from: Float32Array, to: Float64Array, { first, column, stride, depth }: Place): void {
  for (let i = 0, row = first * stride + column; i < to.length; row += stride)
    for (let d = 0; d < depth; d++) to[i++] = from[row + d] as number;
}

function scatterHead(from: Float64Array, to: Float32Array, { first, column, stride, depth }: Place): void {
  for (let i = 0, row = first * stride + column; i < from.length; row += stride)
    for (let d = 0; d < depth; d++) to[row + d] = from[i++] as number;
}

/** Leaves the attention of one query over the keys it sees in `weights`, from `row` on. */
function softmaxOfProducts(
  { q, k, weights }: Record<"q" | "k" | "weights", Float64Array>,
  at: { query: number; row: number; seen: number; depth: number; scale: number },
): void {
  const { query, row, seen, depth, scale } = at;
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0, key = 0; j < seen; j++) {
    let product = 0;
    for (let d = 0; d < depth; d++) product += (q[query + d] as number) * (k[key++] as number);
    const score = product * scale;
    weights[row + j] = score;
    // NaN must stay NaN: a diverged run has to look diverged.
    if (!(score <= largest)) largest = score;
  }
  let total = 0;
  for (let j = 0; j < seen; j++) {
    const e = Math.exp((weights[row + j] as number) - largest);
    weights[row + j] = e;
    total += e;
  }
  const inverse = 1 / total;
  for (let j = 0; j < seen; j++) weights[row + j] = (weights[row + j] as number) * inverse;
}

type HeadShape = {
  /** Where the head's weights begin. */
  at: number;
  tokens: number;
  depth: number;
  causal: boolean;
};

function weightedSums(
  { weights, v, out }: Record<"weights" | "v" | "out", Float64Array>,
  { at, tokens, depth, causal }: HeadShape,
): void {
  out.fill(0);
  for (let i = 0; i < tokens; i++) {
    const seen = causal ? i + 1 : tokens;
    const row = at + i * tokens;
    const to = i * depth;
    for (let j = 0, value = 0; j < seen; j++) {
      const weight = weights[row + j] as number;
      for (let d = 0; d < depth; d++) out[to + d] = (out[to + d] as number) + weight * (v[value++] as number);
    }
  }
}

function backwardHead(
  given: Record<"q" | "k" | "v" | "dy" | "weights" | "slopes" | "dq" | "dk" | "dv", Float64Array>,
  { at, tokens, depth, causal, scale }: HeadShape & { scale: number },
): void {
  const { q, k, v, dy, weights, slopes, dq, dk, dv } = given;
  for (let i = 0; i < tokens; i++) {
    const seen = causal ? i + 1 : tokens;
    const row = at + i * tokens;
    const own = i * depth;
    let mean = 0;
    for (let j = 0, value = 0; j < seen; j++, value += depth) {
      const weight = weights[row + j] as number;
      let slope = 0;
      for (let d = 0; d < depth; d++) {
        const dOut = dy[own + d] as number;
        slope += dOut * (v[value + d] as number);
        dv[value + d] = (dv[value + d] as number) + weight * dOut;
      }
      slopes[j] = slope;
      mean += weight * slope;
    }
    for (let j = 0, key = 0; j < seen; j++, key += depth) {
      const dScore = (weights[row + j] as number) * ((slopes[j] as number) - mean) * scale;
      for (let d = 0; d < depth; d++) {
        dq[own + d] = (dq[own + d] as number) + dScore * (k[key + d] as number);
        dk[key + d] = (dk[key + d] as number) + dScore * (q[own + d] as number);
      }
    }
  }
}
