import { NativeSelect } from "@mantine/core";
import { type Run, runStatuses } from "@reprise/contracts";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../../shared/format/numbers.js";
import type { ArmMark } from "../../shared/marks/arm-marks.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import type { MetricChoice } from "./metric-choices.js";
import { RunsTable } from "./runs-table.js";
import classes from "./sweep.module.css";

export type RunsSearch = { status: string; arm: string; sort: string };

/** Every run with its raw value; filter and order live in the address. */
export function RunsSection({
  sweepId,
  query,
  metric,
  marks,
  search,
  onSearch,
}: {
  sweepId: string;
  query: UseQueryResult<Run[]>;
  metric: MetricChoice | undefined;
  marks: readonly ArmMark[];
  search: RunsSearch;
  onSearch: (change: Partial<RunsSearch>) => void;
}) {
  const matching = (query.data ?? []).filter(
    (run) =>
      (search.status === "" || run.status === search.status) && (search.arm === "" || run.arm === search.arm),
  );
  return (
    <Section
      title="Which runs are behind it?"
      lead={
        query.data
          ? `${count(matching.length)} of ${count(query.data.length, "run")}, in the order in which they were queued unless sorted.`
          : undefined
      }
      aside={
        <div className={classes.tools}>
          <Link to="/runs" search={{ sweep: sweepId }} className="small">
            Group, choose columns, compare
          </Link>
          <NativeSelect
            size="xs"
            aria-label="Filter by status"
            value={search.status}
            data={[
              { value: "", label: "any status" },
              ...runStatuses.map((status) => ({ value: status, label: status })),
            ]}
            onChange={(event) => onSearch({ status: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label="Filter by arm"
            value={search.arm}
            data={[
              { value: "", label: "any arm" },
              ...marks.map((mark) => ({ value: mark.name, label: mark.name })),
            ]}
            onChange={(event) => onSearch({ arm: event.currentTarget.value })}
          />
        </div>
      }
    >
      <QueryView query={query} height={420} label="Loading the runs">
        {() => (
          <RunsTable
            runs={matching}
            metric={metric}
            marks={marks}
            sort={search.sort}
            onSort={(sort) => onSearch({ sort })}
          />
        )}
      </QueryView>
    </Section>
  );
}
