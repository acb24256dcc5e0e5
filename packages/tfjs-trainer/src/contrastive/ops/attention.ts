import { dimension, floatView } from "../../kernels/wasm-context.js";
import type { Tape, Value } from "../../tape.js";

/** Sequences of `tokens` rows each, attended to by `heads` heads; `causal`: a token sees itself and those before it. */
export interface AttentionShape {
  tokens: number;
  heads: number;
  causal: boolean;
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017), on queries, keys and values that lie side by
 * side. For heads of 16 to 64 numbers over a few dozen tokens, one fused loop costs less than the reshapes, transposes
 * and small batched products of the composition; every sum runs in a fixed order in float64.
 * Shapes: qkv [sequences · tokens, 3 · width], result [sequences · tokens, width].
 */
export function attention(tape: Tape, qkv: Value, { tokens, heads, causal }: AttentionShape): Value {
  const { backend } = tape;
  const [rows = 0] = qkv.tensor.shape;
  const width = dimension(qkv.tensor.shape, -1) / 3;
  const depth = width / heads;
  const sequences = rows / tokens;
  const scale = 1 / Math.sqrt(depth);
  const stride = 3 * width;
  const y = backend.makeOutput([rows, width], "float32");
  const weights = tape.numbers(sequences * heads * tokens * tokens);
  forward(floatView(backend, qkv.tensor), floatView(backend, y));

  function forward(input: Float32Array, ys: Float32Array): void {
    for (let s = 0, at = 0; s < sequences; s++) {
      for (let head = 0; head < heads; head++, at += tokens * tokens) {
        const first = s * tokens * stride + head * depth;
        for (let i = 0; i < tokens; i++) {
          const seen = causal ? i + 1 : tokens;
          const row = at + i * tokens;
          softmaxOfProducts(input, { query: first + i * stride, firstKey: first + width, seen, row });
          const out = (s * tokens + i) * width + head * depth;
          for (let d = 0; d < depth; d++) {
            let sum = 0;
            let value = first + 2 * width + d;
            for (let j = 0; j < seen; j++, value += stride)
              sum += (weights[row + j] as number) * (input[value] as number);
            ys[out + d] = sum;
          }
        }
      }
    }
  }

  /** Leaves the attention of one query over the keys it sees in `weights`, from `row` on. */
  function softmaxOfProducts(
    input: Float32Array,
    { query, firstKey, seen, row }: { query: number; firstKey: number; seen: number; row: number },
  ): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0, key = firstKey; j < seen; j++, key += stride) {
      let product = 0;
      for (let d = 0; d < depth; d++) product += (input[query + d] as number) * (input[key + d] as number);
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
    for (let j = 0; j < seen; j++) weights[row + j] = (weights[row + j] as number) / total;
  }

  return tape.record(y, [qkv], (dyTensor) => {
    const gradient = backend.makeOutput([rows, stride], "float32");
    const input = floatView(backend, qkv.tensor);
    const dys = floatView(backend, dyTensor);
    const target = floatView(backend, gradient);
    target.fill(0);
    const slopes = new Float64Array(tokens);
    for (let s = 0, at = 0; s < sequences; s++) {
      for (let head = 0; head < heads; head++, at += tokens * tokens) {
        const first = s * tokens * stride + head * depth;
        for (let i = 0; i < tokens; i++) {
          const seen = causal ? i + 1 : tokens;
          const row = at + i * tokens;
          const dy = (s * tokens + i) * width + head * depth;
          backOneQuery({ query: first + i * stride, firstKey: first + width, seen, row, dy });
        }
      }
    }
    tape.give(qkv, gradient);

    function backOneQuery(at: {
      query: number;
      firstKey: number;
      seen: number;
      row: number;
      dy: number;
    }): void {
      const { query, firstKey, seen, row, dy } = at;
      let mean = 0;
      for (let j = 0, value = firstKey + width; j < seen; j++, value += stride) {
        const weight = weights[row + j] as number;
        let slope = 0;
        for (let d = 0; d < depth; d++) {
          const dOut = dys[dy + d] as number;
          slope += dOut * (input[value + d] as number);
          target[value + d] = (target[value + d] as number) + weight * dOut;
        }
        slopes[j] = slope;
        mean += weight * slope;
      }
      for (let j = 0, key = firstKey; j < seen; j++, key += stride) {
        const dScore = (weights[row + j] as number) * ((slopes[j] as number) - mean) * scale;
        for (let d = 0; d < depth; d++) {
          target[query + d] = (target[query + d] as number) + dScore * (input[key + d] as number);
          target[key + d] = (target[key + d] as number) + dScore * (input[query + d] as number);
        }
      }
    }
  });
}
