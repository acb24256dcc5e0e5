import { type ArmMark, armColors } from "../marks/arm-marks.js";
import { band, boxMark, diamond, dot, hairline, hollowDiamond, Legend, ring, tick } from "./legend.js";

/** What the band of a distribution is. */
export const predictionBandWords =
  "the band is the interval in which one more repeat would fall 95 times in 100";

/** What the marks of a distribution mean: of the arms, of published values where a data set of them is named, of chance. */
export function DistributionLegend({
  arms,
  published = null,
  hasChance = false,
}: {
  arms: readonly ArmMark[];
  published?: string | null;
  hasChance?: boolean;
}) {
  const others = arms.filter(({ kind }) => kind !== "deterministic");
  const color = others[0]?.color ?? armColors.free;
  return (
    <Legend
      items={[
        { mark: diamond(armColors.deterministic), text: "deterministic value" },
        ...others.map((mark) => ({ mark: dot(mark.color), text: `${mark.name}: one repeat` })),
        ...(others.length > 0
          ? [
              { mark: band(color), text: "95 % prediction interval" },
              { mark: tick(color), text: "mean of the repeats" },
              { mark: boxMark(color), text: "quartiles, whiskers to 1.5 box widths; from five repeats" },
            ]
          : []),
        ...(published === null
          ? []
          : [
              { mark: hollowDiamond("var(--ink)"), text: `published deterministic value, ${published}` },
              { mark: ring("var(--ink)"), text: `published mean, ${published}` },
            ]),
        ...(hasChance ? [{ mark: hairline(), text: "chance" }] : []),
      ]}
    />
  );
}
