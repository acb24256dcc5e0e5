import type { Activation } from "../../models/model.js";
import { floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";
import { bitsOf, passWherePositive, positivePart } from "./columns.js";

/** min(max(a, 0), 6); hardly any value is above 6, so that this comparison is predicted well. NaN passes through. */
function relu6(a: number): number {
  const positive = positivePart(a);
  return Math.min(positive, 6);
}

const bitsOfSix = 0x40c00000;

type Formula = {
  value(x: number): number;
  /** dx from x, y = value(x) and dy. */
  gradient(views: Record<"xs" | "ys" | "dys" | "dxs", Float32Array>): void;
};

const formulas: Record<Activation | "hardSigmoid", Formula> = {
  relu: {
    value: positivePart,
    gradient: ({ ys, dys, dxs }) => passWherePositive(ys, dys, dxs),
  },
  relu6: {
    value: relu6,
    gradient({ ys, dys, dxs }) {
      const [y, dy, dx] = [bitsOf(ys), bitsOf(dys), bitsOf(dxs)];
      // Both signs are set exactly where 0 < y < 6.
      for (let i = 0; i < dx.length; i++)
        dx[i] = (dy[i] as number) & ((-(y[i] as number) & ((y[i] as number) - bitsOfSix)) >> 31);
    },
  },
  hardSigmoid: {
    value: (x) => relu6(x + 3) / 6,
    gradient({ xs, dys, dxs }) {
      for (let i = 0; i < dxs.length; i++)
        dxs[i] = Math.abs(xs[i] as number) >= 3 ? 0 : (dys[i] as number) / 6;
    },
  },
  hardSwish: {
    value: (x) => (x * relu6(x + 3)) / 6,
    gradient({ xs, dys, dxs }) {
      for (let i = 0; i < dxs.length; i++) {
        const x = xs[i] as number;
        const slope = x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6;
        dxs[i] = slope * (dys[i] as number);
      }
    },
  },
};

/** An activation, element by element. */
export function activation(tape: Tape, x: Value, kind: Activation | "hardSigmoid"): Value {
  const { backend } = tape;
  const { value, gradient } = formulas[kind];
  const { shape } = x.tensor;
  const y = backend.makeOutput(shape, "float32");
  const xs = floatView(backend, x.tensor);
  const ys = floatView(backend, y);
  for (let i = 0; i < ys.length; i++) ys[i] = value(xs[i] as number);
  return tape.record(y, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const [inputs, outputs] = [floatView(backend, x.tensor), floatView(backend, y)];
    gradient({ xs: inputs, ys: outputs, dys: floatView(backend, dy), dxs: floatView(backend, dx) });
    tape.give(x, dx);
  });
}
