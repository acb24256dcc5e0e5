import { scaleLinear, scalePoint } from "d3-scale";
import classes from "./chart-marks.module.css";
import { useWidth } from "./use-width.js";

/** One figure of one experiment: as published (hollow) and, where there is one, as measured here (filled). */
export type PublishedPoint = {
  label: string;
  subject: string;
  published: number | null;
  measured: number | null;
};

/** The hues of Okabe and Ito that are not taken by arms. */
export const subjectColors = ["#009E73", "#E69F00", "#56B4E9", "#B8A800"] as const;

const margin = { top: 10, right: 12, bottom: 44, left: 46 };
const panelHeight = 280;

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
  if (width === null || width < 160)
    return <div ref={ref} className={classes.panel} style={{ height: panelHeight + 26 }} />;
  const names = [...new Set(points.map((point) => point.label))];
  const x = scalePoint()
    .domain(names)
    .range([margin.left, width - margin.right])
    .padding(0.6);
  const y = scaleLinear()
    .domain(domain)
    .range([panelHeight - margin.bottom, margin.top]);
  const offset = (subject: string) => (subjects.indexOf(subject) - (subjects.length - 1) / 2) * 7;
  const color = (subject: string) => subjectColors[subjects.indexOf(subject) % subjectColors.length];
  return (
    <div ref={ref} className={classes.panel}>
      <span className={classes.panelTitle} data-chart-text="">
        {title}
      </span>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: ${label} of ${names.length} experiments on ${subjects.join(", ")}; the same figures are in the data table`}
        width={width}
        height={panelHeight}
        style={{ display: "block" }}
      >
        <g aria-hidden>
          {y.ticks(5).map((value) => (
            <g key={value}>
              <path d={`M${margin.left} ${y(value)} H${width - margin.right}`} className={classes.grid} />
              <text x={margin.left - 8} y={y(value) + 4} textAnchor="end" className={classes.tick}>
                {value}
              </text>
            </g>
          ))}
          {names.map((name) => (
            <text
              key={name}
              x={x(name)}
              y={panelHeight - margin.bottom + 18}
              textAnchor="middle"
              className={classes.tick}
            >
              {name}
            </text>
          ))}
          <text
            transform={`translate(12 ${(panelHeight - margin.bottom + margin.top) / 2}) rotate(-90)`}
            textAnchor="middle"
            className={classes.axisLabel}
          >
            {label}
          </text>
        </g>
        {subjects.map((subject) => {
          const level = chance.get(subject);
          return level === undefined ? null : (
            <path
              key={subject}
              d={`M${margin.left} ${y(level)} H${width - margin.right}`}
              stroke={color(subject)}
              strokeDasharray="2 3"
              strokeWidth={1}
            />
          );
        })}
        {points.map((point) => {
          const at = (x(point.label) ?? 0) + offset(point.subject);
          return (
            <g key={`${point.label} ${point.subject}`}>
              {point.published !== null && point.measured !== null ? (
                <path
                  d={`M${at} ${y(point.published)} V${y(point.measured)}`}
                  stroke={color(point.subject)}
                  className={classes.join}
                />
              ) : null}
              {point.published === null ? null : (
                <path
                  d={`M${at} ${y(point.published) - 5} l5 5 l-5 5 l-5 -5 Z`}
                  fill="var(--mantine-color-body)"
                  stroke={color(point.subject)}
                  strokeWidth={1.6}
                >
                  <title>{`${point.label}, ${point.subject}: published ${point.published} %`}</title>
                </path>
              )}
              {point.measured === null ? null : (
                <circle cx={at} cy={y(point.measured)} r={4} fill={color(point.subject)}>
                  <title>{`${point.label}, ${point.subject}: measured ${point.measured.toFixed(2)} %`}</title>
                </circle>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
