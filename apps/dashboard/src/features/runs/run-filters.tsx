import { MultiSelect, NativeSelect, TextInput } from "@mantine/core";
import { groupableAttributes, runFlag, runStatuses, runValues } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../shared/api/client.js";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { shortLabel } from "../../shared/format/numbers.js";
import { valueWords } from "../../shared/format/run-metrics.js";
import { hyperparametersOf } from "./columns.js";
import classes from "./run-filters.module.css";
import { useFoundRuns, useMetrics } from "./use-found-runs.js";
import type { RunsView } from "./use-runs-view.js";

const groupable = [
  ...groupableAttributes.filter(
    (name) => name !== "position" && name !== "createdAt" && name !== "durationMs",
  ),
  ...runFlag.options,
];

/** Which runs are shown, in which groups, and by which of their values. */
export function RunFilters({ view }: { view: RunsView }) {
  const { search, setSearch, by, grouped, value } = view;
  const sweeps = useQuery(sweepsQuery);
  const { runs } = useFoundRuns(view);
  const { metrics, metric } = useMetrics(view, runs);
  const [draft, setDraft] = useState<string | null>(null);
  const takeDraft = () => {
    if (draft !== null) setSearch({ filter: draft });
    setDraft(null);
  };
  return (
    <form
      className={classes.tools}
      onSubmit={(event) => {
        event.preventDefault();
        takeDraft();
      }}
    >
      <NativeSelect
        size="xs"
        label="Sweep"
        value={search.sweep}
        data={[
          { value: "", label: "all sweeps" },
          ...(sweeps.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => setSearch({ sweep: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label="Status"
        value={search.status}
        data={[{ value: "", label: "any" }, ...runStatuses]}
        onChange={(event) => setSearch({ status: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label="Metric"
        value={metric}
        data={metrics.map(({ key, label }) => ({ value: key, label: shortLabel(label, key) }))}
        onChange={(event) => setSearch({ metric: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label="Value"
        value={value}
        data={runValues.map((name) => ({ value: name, label: valueWords[name] }))}
        onChange={(event) =>
          setSearch({ value: event.currentTarget.value === "selected" ? "" : event.currentTarget.value })
        }
      />
      <MultiSelect
        size="xs"
        label="Group by"
        // Beside the chosen ones where there is room, not below them.
        styles={{ inputField: { minWidth: 24 } }}
        searchable
        maxValues={6}
        value={by}
        data={[...new Set([...by, ...hyperparametersOf(runs).map((name) => `params.${name}`), ...groupable])]}
        placeholder={grouped ? undefined : "nothing"}
        onChange={(next) => setSearch({ by: next.join(","), sort: "" })}
      />
      <TextInput
        className={classes.filter}
        size="xs"
        label="Filter"
        placeholder="metrics.testAuc > 0.9 and params.optimizer = 'adam'"
        value={draft ?? search.filter}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={takeDraft}
      />
      {/* Enter in the filter sends the form. */}
      <button type="submit" hidden />
    </form>
  );
}

const ownErrors = (error: unknown) =>
  error instanceof ApiError ? error.fieldErrors.filter(({ path }) => path === "filter") : [];

export const isFilterError = (error: unknown) => ownErrors(error).length > 0;

/** Says which character of a filter the server could not read. */
export function FilterError({ error }: { error: unknown }) {
  if (!isFilterError(error)) return null;
  return (
    <p className={classes.error} role="alert">
      {ownErrors(error).map(({ message, value, suggestion }) =>
        [message, value, suggestion].filter(Boolean).join(" · "),
      )}
    </p>
  );
}
