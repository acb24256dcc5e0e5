import { scalePoint } from "d3-scale";
import { type PointerEvent, useRef } from "react";
import { ScrollRegion } from "../ui/scroll-region.js";
import { AxisLabel, AxisLine, Tick } from "./marks.js";
import {
  type Brushes,
  chosenLines,
  type ParallelAxis,
  type ParallelLine,
  shareOf,
  spreadOf,
} from "./parallel-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 34, bottom: 16, left: 60, right: 60 };
const height = 340;

/** A line per run over one axis per hyperparameter and one for the result; drag along an axis to keep a stretch of it. */
export function ParallelCoordinates({
  name,
  axes,
  lines,
  brushes,
  onBrush,
}: {
  name: string;
  axes: readonly ParallelAxis[];
  lines: readonly ParallelLine[];
  brushes: Brushes;
  onBrush: (key: string, brush: [number, number] | null) => void;
}) {
  const { ref, width } = useWidth();
  const start = useRef<number | null>(null);
  if (width === null || width < 160) return <div ref={ref} style={{ height }} />;
  const drawn = Math.max(width, axes.length * 110);
  const x = scalePoint<string>()
    .domain(axes.map(({ key }) => key))
    .range([margin.left, drawn - margin.right]);
  const y = (share: number) => height - margin.bottom - share * (height - margin.top - margin.bottom);
  const places = axes.map(shareOf);
  const chosen = new Set(chosenLines(axes, lines, brushes).map(({ id }) => id));
  const shareAt = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / box.height));
  };
  return (
    <ScrollRegion ref={ref} label={name}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${name}; the same figures are in the data table`}
        width={drawn}
        height={height}
        style={{ display: "block" }}
      >
        {[...lines]
          .sort((a, b) => Number(chosen.has(a.id)) - Number(chosen.has(b.id)))
          .map((line) => {
            const on = chosen.has(line.id);
            const points = axes.flatMap((axis, index) => {
              const value = line.values[index] ?? null;
              if (value === null) return [];
              return [`${x(axis.key)} ${y(places[index]?.(value) ?? 0) + spreadOf(axis, line.id)}`];
            });
            return (
              <path
                key={line.id}
                d={`M${points.join(" L")}`}
                fill="none"
                stroke={on ? line.color : "var(--rule-strong)"}
                strokeWidth={on ? 1.25 : 0.75}
                strokeOpacity={on ? 0.6 : 0.35}
                strokeDasharray={line.dash}
              >
                <title>{line.label}</title>
              </path>
            );
          })}
        {axes.map((axis, index) => {
          const at = x(axis.key) ?? 0;
          const place = places[index];
          const brush = brushes[axis.key];
          const ends =
            axis.kind === "category" || axis.values.length <= 6
              ? axis.values
              : [axis.values[0], axis.values.at(-1)].filter((value) => value !== undefined);
          return (
            <g key={axis.key}>
              <AxisLine d={`M${at} ${y(0)} V${y(1)}`} />
              <AxisLabel
                x={index === axes.length - 1 ? drawn : at}
                y={14}
                textAnchor={index === axes.length - 1 ? "end" : "middle"}
              >
                {axis.label}
              </AxisLabel>
              {ends.map((value) => (
                <Tick
                  key={String(value)}
                  x={at + 7}
                  y={y(place?.(value) ?? 0) + 4}
                  stroke="var(--mantine-color-body)"
                  strokeWidth={3}
                  paintOrder="stroke"
                >
                  {axis.format(value)}
                </Tick>
              ))}
              {brush ? (
                <rect
                  x={at - 7}
                  y={y(brush[1])}
                  width={14}
                  height={Math.max(3, y(brush[0]) - y(brush[1]))}
                  rx={3}
                  fill="var(--ink)"
                  fillOpacity={0.16}
                  stroke="var(--ink-2)"
                />
              ) : null}
              <rect
                x={at - 14}
                y={y(1)}
                width={28}
                height={y(0) - y(1)}
                fill="transparent"
                style={{ cursor: "ns-resize", touchAction: "none" }}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  start.current = shareAt(event);
                }}
                onPointerMove={(event) => {
                  if (start.current === null) return;
                  const end = shareAt(event);
                  onBrush(axis.key, [Math.min(start.current, end), Math.max(start.current, end)]);
                }}
                onPointerUp={(event) => {
                  const end = shareAt(event);
                  if (start.current !== null && Math.abs(end - start.current) < 0.01) onBrush(axis.key, null);
                  start.current = null;
                }}
              />
            </g>
          );
        })}
      </svg>
    </ScrollRegion>
  );
}
