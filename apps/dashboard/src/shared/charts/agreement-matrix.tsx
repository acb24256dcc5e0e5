import type { AgreementGroup } from "@reprise/contracts";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import classes from "./agreement-matrix.module.css";
import { Label } from "./marks.js";
import { useWidth } from "./use-width.js";

const largestCell = 44;

/** Five steps of ink over the ground: the more two runs disagree, the darker. */
function shade(value: number, largest: number): number {
  return largest === 0 ? 0 : Math.round((value / largest) * 20) / 20;
}

/** Share of test cases on which two runs disagree, every run against every other. */
export function AgreementMatrix({ group, arms }: { group: AgreementGroup; arms: readonly ArmMark[] }) {
  const { ref, width } = useWidth();
  const n = group.runs.length;
  const left = 92;
  const top = 20;
  if (width === null || width < 160) return <div ref={ref} style={{ height: top + n * 30 }} />;
  const size = Math.max(9, Math.min(largestCell, Math.floor((width - left) / Math.max(1, n))));
  const largest = Math.max(0, ...group.disagreement.flat());
  const numbered = size >= 30;
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`Share of ${group.testCases} test cases on which two of ${n} runs of ${group.group.configurationLabel}, seed ${group.group.seed} disagree; the same figures are in the data table`}
        width={left + n * size + 2}
        height={top + n * size + 2}
        style={{ display: "block" }}
      >
        {group.runs.map((run, row) => {
          const color = markOf(arms, run.arm).color;
          return (
            <g key={run.runId}>
              <rect x={left - 8} y={top + row * size + 1} width={4} height={size - 2} fill={color} />
              <rect x={left + row * size + 1} y={top - 8} width={size - 2} height={4} fill={color} />
              {size >= 14 ? (
                <Label x={left - 14} y={top + row * size + size / 2 + 4} textAnchor="end">
                  {run.arm} {run.repeat + 1}
                </Label>
              ) : null}
              {group.runs.map((other, column) => {
                const value = group.disagreement[row]?.[column] ?? 0;
                const strength = shade(value, largest);
                return (
                  <g key={other.runId}>
                    <rect
                      x={left + column * size + 0.5}
                      y={top + row * size + 0.5}
                      width={size - 1}
                      height={size - 1}
                      rx={2}
                      fill={row === column ? "none" : "var(--ink)"}
                      fillOpacity={row === column ? 0 : 0.04 + strength * 0.8}
                    >
                      <title>{`${run.arm} ${run.repeat + 1} and ${other.arm} ${other.repeat + 1}: ${(value * 100).toFixed(1)} %`}</title>
                    </rect>
                    {numbered && row !== column ? (
                      <text
                        x={left + column * size + size / 2}
                        y={top + row * size + size / 2 + 4}
                        textAnchor="middle"
                        className={classes.cellText}
                        fill={strength > 0.5 ? "var(--mantine-color-body)" : "var(--ink)"}
                        pointerEvents="none"
                      >
                        {(value * 100).toFixed(1)}
                      </text>
                    ) : null}
                  </g>
                );
              })}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
