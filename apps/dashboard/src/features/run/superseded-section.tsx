import type { DeclaredMetric, RunDetail, RunMetrics, WireNumber } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { metricValue } from "../../shared/format/numbers.js";
import { declaredMetric } from "../../shared/format/run-metrics.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { runSupersededQuery } from "./queries.js";

/** More rows than this are for a program to read. */
const rowsShown = 100;

type Replaced = { key: string; step: number; value: WireNumber; now: WireNumber | undefined };

function replacedOf({ series, superseded = {} }: RunMetrics): Replaced[] {
  return Object.entries(superseded).flatMap(([key, { steps, values }]) => {
    const places = new Map(series[key]?.steps.map((step, index) => [step, index]));
    return steps.flatMap((step, index) => {
      const value = values[index];
      const place = places.get(step);
      const now = place === undefined ? undefined : series[key]?.values[place];
      return value === undefined ? [] : [{ key, step, value, now }];
    });
  });
}

/** What a run reported of a step before it reported that step again; nothing where it never did. */
export function SupersededSection({
  run,
  declared,
}: {
  run: RunDetail;
  declared: readonly DeclaredMetric[];
}) {
  const count = Object.values(run.summary).reduce((sum, { superseded }) => sum + superseded, 0);
  const query = useQuery({ ...runSupersededQuery(run.id), enabled: count > 0 });
  if (count === 0) return null;
  return (
    <Section
      title="What was reported and then replaced?"
      lead={`Where a step is reported again, as after a resume, the later report counts. ${count === 1 ? "1 earlier report is" : `${count} earlier reports are`} superseded: no curve, summary or analysis reads ${count === 1 ? "it" : "them"}.`}
    >
      <QueryView query={query} height={120} label="Loading what was replaced">
        {(metrics) => {
          const rows = replacedOf(metrics);
          return (
            <>
              <ScrollRegion label="Superseded reports">
                <table className="data-table">
                  <thead>
                    <tr>
                      <th scope="col">Metric</th>
                      <th scope="col" className="right">
                        Step
                      </th>
                      <th scope="col" className="right">
                        Superseded
                      </th>
                      <th scope="col" className="right">
                        Counts
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.slice(0, rowsShown).map(({ key, step, value, now }, index) => {
                      const { label, unit } = declaredMetric(key, declared);
                      return (
                        // biome-ignore lint/suspicious/noArrayIndexKey: a step may be replaced several times, by equal values.
                        <tr key={`${key} ${step} ${index}`}>
                          <th scope="row">{label}</th>
                          <td className="right">{step}</td>
                          <td className="right">{metricValue(value, unit)}</td>
                          <td className="right">{metricValue(now, unit)}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </ScrollRegion>
              {rows.length > rowsShown ? (
                <p>
                  The first {rowsShown} of {rows.length}; all are in{" "}
                  <code>GET /api/v1/runs/{run.id}/metrics?superseded=true</code>.
                </p>
              ) : null}
            </>
          );
        }}
      </QueryView>
    </Section>
  );
}
