/** What can be measured on a picture of one character. */
export type Measures = {
  /** Sum of all grey values: a stand-in for stroke thickness. */
  ink: number;
  /** Horizontal shift per row downwards, from second moments (μ11 / μ02): above 0, the top leans left. */
  slant: number;
  /** Root mean squared distance of the ink from its centre, in pixels. */
  extent: number;
};

/** Moments of a picture [side, side] of grey values; an empty picture has no slant and no extent. */
export function measure(picture: Uint8Array, side: number): Measures {
  let ink = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const grey = picture[y * side + x] as number;
      ink += grey;
      sumX += grey * x;
      sumY += grey * y;
    }
  }
  if (ink === 0) return { ink, slant: 0, extent: 0 };
  const centreX = sumX / ink;
  const centreY = sumY / ink;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const grey = picture[y * side + x] as number;
      xx += grey * (x - centreX) ** 2;
      xy += grey * (x - centreX) * (y - centreY);
      yy += grey * (y - centreY) ** 2;
    }
  }
  return { ink, slant: yy === 0 ? 0 : xy / yy, extent: Math.sqrt((xx + yy) / ink) };
}

/** Bounds between words, from the training pictures only. */
export type Bounds = {
  /** Median ink: thick from here on. */
  ink: number;
  /** Terciles of the slant: upright in between. */
  slant: [number, number];
  /** Median extent: large from here on. */
  extent: number;
};

/** The value at a share of the sorted values, without interpolation: a bound is a measured value. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function boundsOf(measures: readonly Measures[]): Bounds {
  const of = (key: keyof Measures) => measures.map((measured) => measured[key]);
  return {
    ink: quantile(of("ink"), 0.5),
    slant: [quantile(of("slant"), 1 / 3), quantile(of("slant"), 2 / 3)],
    extent: quantile(of("extent"), 0.5),
  };
}

export type Attributes = {
  thickness: "thick" | "thin";
  slant: "leaning left" | "upright" | "leaning right";
  size: "large" | "small";
};

export function attributesOf({ ink, slant, extent }: Measures, bounds: Bounds): Attributes {
  const [low, high] = bounds.slant;
  return {
    thickness: ink >= bounds.ink ? "thick" : "thin",
    slant: slant < low ? "leaning right" : slant < high ? "upright" : "leaning left",
    size: extent >= bounds.extent ? "large" : "small",
  };
}
