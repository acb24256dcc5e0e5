import { scaleLinear, scalePoint } from "d3-scale";
import { AxisLabel, GridLine, Join, Tick } from "./marks.js";
import { Panel } from "./panels.js";
import { type PublishedPoint, subjectColor } from "./published-points.js";
import { useWidth } from "./use-width.js";
import { WrappedLabel, wrappedHeight } from "./wrapped-label.js";

const margin = { top: 10, right: 12, left: 46 };
const plotHeight = 226;

function Measured({
  measured,
  at,
  y,
  color,
  title,
}: {
  measured: NonNullable<PublishedPoint["measured"]>;
  at: number;
  y: (value: number) => number;
  color: string;
  title: string;
}) {
  const { mean, low, high, runs } = measured;
  const [bottom, top] = [margin.top + plotHeight, margin.top];
  const inside = (value: number) => y(value) <= bottom && y(value) >= top;
  const clamp = (value: number) => Math.min(bottom, Math.max(top, y(value)));
  return (
    <>
      {low !== null && high !== null ? (
        <path
          d={`M${at} ${clamp(low)} V${clamp(high)} ${inside(low) ? `M${at - 3} ${y(low)} h6` : ""} ${inside(high) ? `M${at - 3} ${y(high)} h6` : ""}`}
          stroke={color}
          strokeWidth={1.4}
          fill="none"
          data-mark="interval"
        />
      ) : null}
      {runs.length > 1
        ? runs.map((run, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: runs of a point have no identity here and never move
            <circle key={index} cx={at} cy={y(run)} r={2.4} fill={color} fillOpacity={0.45} />
          ))
        : null}
      <circle cx={at} cy={y(mean)} r={4} fill={color} data-mark="measured">
        <title>{title}</title>
      </circle>
    </>
  );
}

/** A panel of experiments side by side, percentages up; a hairline per subject says where chance is. */
export function PublishedPanel({
  title,
  points,
  subjects,
  chance,
  domain,
  label,
}: {
  title: string;
  points: readonly PublishedPoint[];
  subjects: readonly string[];
  /** Per subject, in percent. */
  chance: ReadonlyMap<string, number>;
  domain: [number, number];
  /** The vertical axis in words. */
  label: string;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 160) return <Panel ref={ref} style={{ height: plotHeight + 70 }} />;
  const names = [...new Set(points.map((point) => point.label))];
  const x = scalePoint()
    .domain(names)
    .range([margin.left, width - margin.right])
    .padding(0.6);
  const step = names.length > 1 ? x.step() : width - margin.left - margin.right;
  const bottom = margin.top + plotHeight;
  const y = scaleLinear().domain(domain).range([bottom, margin.top]);
  const height = bottom + 10 + wrappedHeight(names, step - 4);
  const own = subjects.filter((subject) => points.some((point) => point.subject === subject));
  const spread = Math.min(11, (step * 0.7) / own.length);
  const offset = (subject: string) => (own.indexOf(subject) - (own.length - 1) / 2) * spread;
  const color = (subject: string) => subjectColor(subjects.indexOf(subject));
  return (
    <Panel ref={ref} title={title}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: ${label} of ${names.length} experiments on ${own.join(", ")}; the same figures are in the data table`}
        width={width}
        height={height}
        style={{ display: "block" }}
      >
        <g aria-hidden>
          {y.ticks(5).map((value) => (
            <g key={value}>
              <GridLine d={`M${margin.left} ${y(value)} H${width - margin.right}`} />
              <Tick x={margin.left - 8} y={y(value) + 4} textAnchor="end">
                {value}
              </Tick>
            </g>
          ))}
          {names.map((name) => (
            <WrappedLabel key={name} text={name} x={x(name) ?? 0} y={bottom + 18} width={step - 4} />
          ))}
          <AxisLabel transform={`translate(12 ${(bottom + margin.top) / 2}) rotate(-90)`} textAnchor="middle">
            {label}
          </AxisLabel>
        </g>
        {own.map((subject) => {
          const level = chance.get(subject);
          return level === undefined ? null : (
            <path
              key={subject}
              d={`M${margin.left} ${y(level)} H${width - margin.right}`}
              stroke={color(subject)}
              strokeDasharray="2 3"
              strokeWidth={1}
              data-mark="chance"
            />
          );
        })}
        {points.map((point) => {
          const at = (x(point.label) ?? 0) + offset(point.subject);
          const { published, measured } = point;
          return (
            <g key={`${point.label} ${point.subject}`}>
              {published !== null && measured !== null ? (
                <Join d={`M${at} ${y(published)} V${y(measured.mean)}`} stroke={color(point.subject)} />
              ) : null}
              {measured === null ? null : (
                <Measured
                  measured={measured}
                  at={at}
                  y={y}
                  color={color(point.subject)}
                  title={`${point.label}, ${point.subject}: measured ${measured.mean.toFixed(2)} %`}
                />
              )}
              {published === null ? null : (
                <path
                  d={`M${at} ${y(published) - 5} l5 5 l-5 5 l-5 -5 Z`}
                  fill="var(--mantine-color-body)"
                  stroke={color(point.subject)}
                  strokeWidth={1.6}
                  data-mark="published"
                >
                  <title>{`${point.label}, ${point.subject}: published ${published} %`}</title>
                </path>
              )}
            </g>
          );
        })}
      </svg>
    </Panel>
  );
}
