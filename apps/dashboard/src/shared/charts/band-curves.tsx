import { scaleLinear } from "d3-scale";
import { ChanceLine } from "./marks.js";
import { Panel } from "./panels.js";
import { PlaneAxes } from "./plane-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 8, right: 12, bottom: 46, left: 46 };

/** A curve of several runs: their mean with the range between them, null where none has a value; single runs faint. */
export type BandCurve = {
  key: string;
  color: string;
  /** Of its mean, so that curves are told apart in grey. */
  dash: string | undefined;
  /** Each over places of its own; the first of them are drawn. */
  singles?: readonly { key: string; x: readonly number[]; y: readonly number[] }[];
  mean: readonly (number | null)[];
  min: readonly (number | null)[];
  max: readonly (number | null)[];
};

/** More single curves than this behind one mean only make a cloud. */
const mostSingles = 24;

/** What curves are read against: the diagonal, treating all. */
export type ReferenceLine = { key: string; y: readonly (number | null)[] };

type Place = (x: number, y: number) => string;

/** A path through the points that have a value; a gap begins another stretch. */
function pathOf(xs: readonly number[], ys: readonly (number | null)[], place: Place): string {
  let open = false;
  return xs
    .map((x, at) => {
      const y = ys[at] ?? null;
      const step = y === null ? "" : `${open ? "L" : "M"}${place(x, y)}`;
      open = y !== null;
      return step;
    })
    .join(" ");
}

function bandPath(xs: readonly number[], { min, max }: BandCurve, place: Place): string {
  const known = xs.flatMap((x, at) => {
    const [low, high] = [min[at] ?? null, max[at] ?? null];
    return low === null || high === null ? [] : [{ x, low, high }];
  });
  if (known.length < 2) return "";
  const there = known.map(({ x, low }) => place(x, low));
  const back = known.toReversed().map(({ x, high }) => place(x, high));
  return `M${[...there, ...back].join(" L")} Z`;
}

/** Curves over scores, thresholds or rates, both axes in percent, with the range between runs as a band. */
export function BandCurves({
  title,
  name,
  x: places,
  curves,
  references,
  domain,
  xLabel,
  yLabel,
  height = 320,
}: {
  title: string;
  /** What the drawing shows, for those who do not see it. */
  name: string;
  x: readonly number[];
  curves: readonly BandCurve[];
  references: readonly ReferenceLine[];
  domain: { x: [number, number]; y: [number, number] };
  xLabel: string;
  yLabel: string;
  height?: number;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 160) return <Panel ref={ref} style={{ height: height + 26 }} />;
  const x = scaleLinear()
    .domain(domain.x)
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain(domain.y)
    .range([height - margin.bottom, margin.top]);
  const place: Place = (at, value) => `${x(100 * at).toFixed(1)} ${y(100 * value).toFixed(1)}`;
  const clip = `band-${name.replace(/[^A-Za-z0-9]+/g, "-")}-${title.replace(/[^A-Za-z0-9]+/g, "-")}`;
  return (
    <Panel ref={ref} title={title}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: ${name}`}
        width={width}
        height={height}
        style={{ display: "block" }}
      >
        <clipPath id={clip}>
          <rect
            x={margin.left}
            y={margin.top - 2}
            width={Math.max(0, width - margin.left - margin.right)}
            height={height - margin.top - margin.bottom + 4}
          />
        </clipPath>
        <PlaneAxes x={x} y={y} xLabel={xLabel} yLabel={yLabel} />
        <g clipPath={`url(#${clip})`}>
          {references.map((line) => (
            <ChanceLine key={line.key} d={pathOf(places, line.y, place)} fill="none" />
          ))}
          {curves.map((curve) => (
            <g key={curve.key}>
              <path d={bandPath(places, curve, place)} fill={curve.color} fillOpacity={0.18} />
              {curve.singles?.slice(0, mostSingles).map((single) => (
                <path
                  key={single.key}
                  d={pathOf(single.x, single.y, place)}
                  fill="none"
                  stroke={curve.color}
                  strokeWidth={0.75}
                  strokeOpacity={0.45}
                />
              ))}
              <path
                d={pathOf(places, curve.mean, place)}
                fill="none"
                stroke={curve.color}
                strokeWidth={2}
                strokeDasharray={curve.dash}
              />
            </g>
          ))}
        </g>
      </svg>
    </Panel>
  );
}
