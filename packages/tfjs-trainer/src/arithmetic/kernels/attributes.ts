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
export function shape4(shape: unknown, name = "shape"): Shape4 {
  if (!Array.isArray(shape)) throw wrong(name, shape);
  const [a, b, c, d]: unknown[] = shape;
  if (shape.length !== 4 || !isNumber(a) || !isNumber(b) || !isNumber(c) || !isNumber(d)) {
    throw new Error(`Expected four dimensions, got [${shape.join(", ")}].`);
  }
  return [a, b, c, d];
}

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

/** What a kernel can ask of its attributes. Each reader throws an error naming attribute and value for any other kind. */
export type AttributeReader = {
  integer(name: string): number;
  /** False where it is absent. */
  flag(name: string): boolean;
  /** Four lengths, such as `filterShape`. */
  shape(name: string): Shape4;
  /** Rows and columns; one number stands for both. */
  pair(name: string, absent?: number): Pair;
  padding(): Padding;
  rounding(): Rounding | undefined;
};

/** The attributes of a kernel call, read in one place only. */
export function attributesOf({ attrs }: Pick<KernelArguments, "attrs">): AttributeReader {
  return {
    integer(name) {
      const value = attrs?.[name];
      if (isNumber(value) && Number.isInteger(value)) return value;
      throw wrong(name, value);
    },
    flag(name) {
      const value = attrs?.[name] ?? false;
      if (typeof value === "boolean") return value;
      throw wrong(name, value);
    },
    shape: (name) => shape4(attrs?.[name], name),
    pair: (name, absent) => pairIn(attrs?.[name] ?? absent, name),
    padding: () => paddingIn(attrs?.pad),
    rounding: () => roundingIn(attrs?.dimRoundingMode),
  };
}

/** Geometry of a convolution and its gradients. Only channels last, as everywhere in the wasm backend. */
export function convolutionInfo(
  args: KernelArguments,
  given: { inputShape: readonly number[]; filterShape: readonly number[]; depthwise: boolean },
): backend_util.Conv2DInfo {
  const attribute = attributesOf(args);
  return backend_util.computeConv2DInfo(
    shape4(given.inputShape),
    shape4(given.filterShape),
    attribute.pair("strides"),
    attribute.pair("dilations", 1),
    attribute.padding(),
    attribute.rounding(),
    given.depthwise,
  );
}

/** Geometry of a pooling over [n, h, w, c]. */
export function poolInfo(args: KernelArguments, inputShape: readonly number[]): backend_util.Conv2DInfo {
  const attribute = attributesOf(args);
  return backend_util.computePool2DInfo(
    shape4(inputShape),
    attribute.pair("filterSize"),
    attribute.pair("strides"),
    1,
    attribute.padding(),
    attribute.rounding(),
  );
}
