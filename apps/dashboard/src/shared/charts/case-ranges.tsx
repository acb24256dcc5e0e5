import { scaleLinear } from "d3-scale";
import { ChanceLine } from "./marks.js";
import { Panel } from "./panels.js";
import { PlaneAxes } from "./plane-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 8, right: 12, bottom: 46, left: 46 };
const panelHeight = 320;

export type CaseRange = { id: string; mean: number; low: number; high: number; flips: boolean; text: string };

/** Every case at its mean score over runs, with the range of its scores; cases that flip stand out. */
export function CaseRanges({
  title,
  cases,
  threshold,
  color,
  xLabel,
}: {
  title: string;
  cases: readonly CaseRange[];
  /** Where decisions change; null where runs have thresholds of their own or there is none. */
  threshold: number | null;
  color: string;
  xLabel: string;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 160) return <Panel ref={ref} style={{ height: panelHeight + 26 }} />;
  const x = scaleLinear()
    .domain([0, 100])
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain([0, 100])
    .range([panelHeight - margin.bottom, margin.top]);
  const ordered = cases.toSorted((a, b) => Number(a.flips) - Number(b.flips));
  return (
    <Panel ref={ref} title={title}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: range of scores of ${cases.length} cases over runs, ${cases.filter(({ flips }) => flips).length} of which flip; the most unstable are listed below`}
        width={width}
        height={panelHeight}
        style={{ display: "block" }}
      >
        <PlaneAxes x={x} y={y} xLabel={xLabel} yLabel="lowest to highest score, %" />
        {threshold === null ? null : (
          <ChanceLine d={`M${x.range()[0]} ${y(100 * threshold)} H${x.range()[1]}`} />
        )}
        {ordered.map((one) => (
          <path
            key={one.id}
            d={`M${x(100 * one.mean).toFixed(1)} ${y(100 * one.low).toFixed(1)} V${(y(100 * one.high) - 0.5).toFixed(1)}`}
            stroke={one.flips ? color : "var(--ink-3)"}
            strokeOpacity={one.flips ? 0.95 : 0.45}
            strokeWidth={one.flips ? 2 : 1.25}
          >
            <title>{one.text}</title>
          </path>
        ))}
      </svg>
    </Panel>
  );
}
