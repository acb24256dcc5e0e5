import type { Activation } from "./model.js";

/** One inverted residual: depthwise filter size, filters after expansion and after projection, and what goes with them. */
export type InvertedResidual = {
  size: number;
  expanded: number;
  outputs: number;
  squeezeExcite: boolean;
  activation: Activation;
  stride: number;
};

/** Filters of the depthwise separable layers of the first version with their strides (A. Howard et al. 2017, Table 1). */
export const separableLayers: readonly (readonly [outputs: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** Width rounded to a multiple of 8, never by more than a tenth downwards, as in the reference implementations. */
export function roundedWidth(filters: number): number {
  const rounded = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return rounded < 0.9 * filters ? rounded + 8 : rounded;
}

/** Rows of M. Sandler et al. (2018), Table 2: expansion, filters, repeats, stride of the first. */
const v2Rows: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export function invertedResidualsV2(widthMultiplier: number): InvertedResidual[] {
  let inputs = roundedWidth(32 * widthMultiplier);
  return v2Rows.flatMap(([expansion, filters, repeats, firstStride]) =>
    Array.from({ length: repeats }, (_, index): InvertedResidual => {
      const expanded = inputs * expansion;
      inputs = roundedWidth(filters * widthMultiplier);
      const stride = index === 0 ? firstStride : 1;
      return { size: 3, expanded, outputs: inputs, squeezeExcite: false, activation: "relu6", stride };
    }),
  );
}

type V3Row = readonly [
  size: number,
  expanded: number,
  outputs: number,
  squeeze: boolean,
  activation: Activation,
  stride: number,
];

/** Rows of A. Howard et al. (2019), Table 1. */
const v3LargeRows: readonly V3Row[] = [
  [3, 16, 16, false, "relu", 1],
  [3, 64, 24, false, "relu", 2],
  [3, 72, 24, false, "relu", 1],
  [5, 72, 40, true, "relu", 2],
  [5, 120, 40, true, "relu", 1],
  [5, 120, 40, true, "relu", 1],
  [3, 240, 80, false, "hardSwish", 2],
  [3, 200, 80, false, "hardSwish", 1],
  [3, 184, 80, false, "hardSwish", 1],
  [3, 184, 80, false, "hardSwish", 1],
  [3, 480, 112, true, "hardSwish", 1],
  [3, 672, 112, true, "hardSwish", 1],
  [5, 672, 160, true, "hardSwish", 2],
  [5, 960, 160, true, "hardSwish", 1],
  [5, 960, 160, true, "hardSwish", 1],
];

export function invertedResidualsV3Large(widthMultiplier: number): InvertedResidual[] {
  return v3LargeRows.map(([size, expanded, outputs, squeezeExcite, activation, stride]) => ({
    size,
    expanded: roundedWidth(expanded * widthMultiplier),
    outputs: roundedWidth(outputs * widthMultiplier),
    squeezeExcite,
    activation,
    stride,
  }));
}
