import { scaleLinear } from "d3-scale";
import { Diamond, Heading, Join, Label } from "./marks.js";
import { extraLabelHeight, MetricAxis } from "./metric-axis.js";
import { useWidth } from "./use-width.js";

export type PairedRow = {
  key: string;
  heading: string | null;
  label: string;
  from: { value: number; color: string; name: string };
  to: { value: number; color: string; name: string };
  text: string;
};

const laneHeight = 28;

/** Two figures of one thing joined by a line, a lane each, on an axis that starts at zero. */
export function PairedDots({
  name,
  rows,
  label,
}: {
  name: string;
  rows: readonly PairedRow[];
  /** Axis in words, with its unit. */
  label: string;
}) {
  const { ref, width } = useWidth();
  const headings = rows.filter((row) => row.heading).length;
  const height = rows.length * laneHeight + headings * 26 + 48;
  if (width === null || width < 200 || rows.length === 0) return <div ref={ref} style={{ height }} />;
  const left = Math.max(...rows.map((row) => row.label.length)) * 6.6 + 24;
  const right = Math.max(...rows.map((row) => row.text.length)) * 6.4 + 20;
  const largest = Math.max(...rows.flatMap((row) => [row.from.value, row.to.value]));
  const scale = scaleLinear()
    .domain([0, largest * 1.04])
    .range([left, Math.max(left + 80, width - right)]);
  let y = 4;
  const placed = rows.map((row) => {
    if (row.heading) y += 26;
    const top = y;
    y += laneHeight;
    return { row, top, middle: top + laneHeight / 2 };
  });
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${name}; the same figures are in the data table`}
        width={width}
        height={y + 44 + extraLabelHeight(label, scale, width)}
        style={{ display: "block" }}
      >
        <MetricAxis
          scale={scale}
          top={4}
          bottom={y}
          label={label}
          width={width}
          ticks={width < 560 ? 3 : 6}
        />
        {placed.map(({ row, top, middle }) => (
          <g key={row.key}>
            {row.heading ? (
              <Heading x={0} y={top - 7}>
                {row.heading}
              </Heading>
            ) : null}
            <Label x={left - 14} y={middle + 4} textAnchor="end">
              {row.label}
            </Label>
            <Join d={`M${scale(row.from.value)} ${middle} H${scale(row.to.value)}`} stroke={row.to.color} />
            <Diamond d={`M${scale(row.from.value)} ${middle - 7} l7 7 l-7 7 l-7 -7 Z`} fill={row.from.color}>
              <title>{row.from.name}</title>
            </Diamond>
            <circle cx={scale(row.to.value)} cy={middle} r={5} fill={row.to.color}>
              <title>{row.to.name}</title>
            </circle>
            <Label x={width} y={middle + 4} textAnchor="end">
              {row.text}
            </Label>
          </g>
        ))}
      </svg>
    </div>
  );
}
