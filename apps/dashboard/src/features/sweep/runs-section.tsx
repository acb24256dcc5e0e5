import { type Run, type Sweep, whereDiverged } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import { count, finiteOrNull, metricValue, shortLabel } from "../../shared/format/numbers.js";
import { metricOf } from "../../shared/format/run-metrics.js";
import { duration } from "../../shared/format/time.js";
import { ArmName } from "../../shared/marks/arm-name.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { useNearView, WhenNear } from "../../shared/ui/near-view.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState } from "../../shared/ui/states.js";
import { Status } from "../../shared/ui/status.js";
import { sweepRunsQuery } from "./queries.js";
import classes from "./runs-section.module.css";
import { roundingOf, tellingRuns } from "./telling-runs.js";
import { useArmMarks } from "./use-arm-marks.js";
import { useShownMetric } from "./use-metric-choices.js";

/** The few runs to look at first; the table of all of them has a page of its own. */
export function RunsSection({
  sweep,
  metric: asked,
}: {
  sweep: Sweep;
  /** The metric that the address asks for; without one the planned metric is meant. */
  metric: string | undefined;
}) {
  // The table's runs are read once it is near.
  const place = useNearView();
  const marks = useArmMarks(sweep);
  const { key, choice: metric } = useShownMetric(sweep, asked);
  const query = useQuery({ ...sweepRunsQuery(sweep.id, key), enabled: place.near });
  const extremes = useQuery({ ...analysisQuery(sweep.id, "extremes", asked), enabled: place.near });
  const deterministic = new Set(marks.filter(({ kind }) => kind === "deterministic").map(({ name }) => name));
  return (
    <Section
      title="Which runs to look at first?"
      lead="The best, the worst and the odd ones out, each with what is special about it."
      aside={
        <>
          {sweep.runCounts.failed > 0 ? (
            <Link to="/runs" search={{ sweep: sweep.id, status: "failed" }} className="small">
              {count(sweep.runCounts.failed)} failed
            </Link>
          ) : null}
          <Link to="/runs" search={{ sweep: sweep.id }} className="small">
            All {count(sweep.totalRuns, "run")}: filter, group, compare
          </Link>
        </>
      }
    >
      <WhenNear view={place} height={220}>
        <QueryView query={query} height={220} label="Loading the runs">
          {(runs) => {
            const rows = tellingRuns(runs, deterministic, extremes.data);
            if (rows.length === 0) {
              return <EmptyState title="No run stands out yet.">Rows appear as runs end.</EmptyState>;
            }
            const shownOf = (run: Run) => (metric ? metricOf(run, metric.key, "selected") : null);
            // Values of diverged runs may be of any size: they do not decide how the others are rounded.
            const rounding = roundingOf(
              rows.flatMap(({ run }) => (run.diverged ? [] : (finiteOrNull(shownOf(run)) ?? []))),
            );
            return (
              <DataTable
                label="Runs that stand out"
                rows={rows}
                keyOf={({ run }) => run.id}
                columns={[
                  {
                    key: "run",
                    header: "Run",
                    cell: ({ run }) => (
                      <Link to="/runs/$runId" params={{ runId: run.id }}>
                        {run.configurationLabel}
                      </Link>
                    ),
                  },
                  {
                    key: "which",
                    header: "Seed, arm, repeat",
                    cell: ({ run }) => (
                      <ArmName arm={run.arm} marks={marks}>
                        {run.seed} · {run.arm} {run.repeat + 1}
                      </ArmName>
                    ),
                  },
                  {
                    key: "why",
                    header: "Why it is here",
                    cell: ({ why }) => <span className={classes.why}>{why}</span>,
                  },
                  {
                    key: "value",
                    header: metric ? shortLabel(metric.label, metric.key) : "Metric",
                    right: true,
                    cell: ({ run }) =>
                      metricValue(shownOf(run), metric?.unit ?? "", run.diverged ? null : rounding),
                  },
                  { key: "time", header: "Time", right: true, cell: ({ run }) => duration(run.durationMs) },
                  {
                    key: "status",
                    header: "Status",
                    cell: ({ run }) => <Status status={run.status} diverged={whereDiverged(run)} />,
                  },
                  { key: "digest", header: "Digest", cell: ({ run }) => <DigestChip digest={run.digest} /> },
                ]}
              />
            );
          }}
        </QueryView>
      </WhenNear>
    </Section>
  );
}
