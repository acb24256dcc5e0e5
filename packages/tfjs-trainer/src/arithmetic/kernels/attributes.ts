import { backend_util } from "@tensorflow/tfjs-core";
import type { KernelArguments } from "./wasm-context.js";

/** The attributes of kernel calls, which TensorFlow.js types loosely, checked and typed in one place. */
export type Shape4 = [number, number, number, number];
type Pair = [number, number];
type Rounding = "floor" | "round" | "ceil";

function wrong(name: string, value: unknown): Error {
  return new Error(`Kernel attribute "${name}" has an unexpected value: ${JSON.stringify(value)}.`);
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Four lengths; throws for any other number of them. */
export function shape4(shape: unknown): Shape4 {
  if (!Array.isArray(shape)) throw wrong("shape", shape);
  const [a, b, c, d]: unknown[] = shape;
  if (shape.length !== 4 || !isNumber(a) || !isNumber(b) || !isNumber(c) || !isNumber(d)) {
    throw new Error(`Expected four dimensions, got [${shape.join(", ")}].`);
  }
  return [a, b, c, d];
}

/** A shape given as an attribute, such as `filterShape`. */
export const shapeAttribute = (args: KernelArguments, name: string) => shape4(args.attrs?.[name]);

function pairIn(value: unknown, name: string): Pair {
  if (isNumber(value)) return [value, value];
  if (Array.isArray(value)) {
    const [first, second]: unknown[] = value;
    if (value.length === 2 && isNumber(first) && isNumber(second)) return [first, second];
  }
  throw wrong(name, value);
}

type Padding = "same" | "valid" | number | backend_util.ExplicitPadding;

function paddingIn(value: unknown): Padding {
  if (value === "same" || value === "valid" || isNumber(value)) return value;
  if (!Array.isArray(value) || value.length !== 4) throw wrong("pad", value);
  const [cases, rows, columns, channels] = [0, 1, 2, 3].map((axis) => pairIn(value[axis], "pad"));
  if (!cases || !rows || !columns || !channels) throw wrong("pad", value);
  return [cases, rows, columns, channels];
}

function roundingIn(value: unknown): Rounding | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "floor" || value === "round" || value === "ceil") return value;
  throw wrong("dimRoundingMode", value);
}

/** Geometry of a convolution and its gradients. Only channels last, as everywhere in the wasm backend. */
export function convolutionInfo(
  { attrs }: KernelArguments,
  given: { inputShape: readonly number[]; filterShape: readonly number[]; depthwise: boolean },
): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    shape4(given.inputShape),
    shape4(given.filterShape),
    pairIn(attrs?.strides, "strides"),
    pairIn(attrs?.dilations ?? 1, "dilations"),
    paddingIn(attrs?.pad),
    roundingIn(attrs?.dimRoundingMode),
    given.depthwise,
  );
}

/** Geometry of a pooling over [n, h, w, c]. */
export function poolInfo({ attrs }: KernelArguments, inputShape: readonly number[]): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(
    shape4(inputShape),
    pairIn(attrs?.filterSize, "filterSize"),
    pairIn(attrs?.strides, "strides"),
    1,
    paddingIn(attrs?.pad),
    roundingIn(attrs?.dimRoundingMode),
  );
}
