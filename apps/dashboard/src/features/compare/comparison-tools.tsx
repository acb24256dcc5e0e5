import { MultiSelect, NativeSelect, NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { namesText } from "../../shared/format/name-list.js";
import { differenceUnit, shortLabel } from "../../shared/format/numbers.js";
import classes from "./comparison-tools.module.css";
import type { Comparison } from "./use-comparison.js";

/** Of which sweep, on which metrics and by which test groups are compared. */
export function ComparisonTools({
  comparison: { search, setSearch, sweepId, metrics, chosen, groups },
}: {
  comparison: Comparison;
}) {
  const sweeps = useQuery(sweepsQuery);
  const firstUnit = metrics.find(({ key }) => key === chosen[0])?.unit ?? "";
  return (
    <div className={classes.tools}>
      <NativeSelect
        size="xs"
        label="Sweep"
        // Widths of their own: those of the longest option would change when the options come.
        w={220}
        value={sweepId}
        data={(sweeps.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setSearch({ sweep: event.currentTarget.value, groups: [], metrics: "" })}
      />
      <MultiSelect
        size="xs"
        label="Metrics"
        miw={260}
        searchable
        maxValues={6}
        value={chosen}
        data={[
          ...metrics.map(({ key, label }) => ({ value: key, label: shortLabel(label, key) })),
          ...chosen
            .filter((key) => !metrics.some((metric) => metric.key === key))
            .map((key) => ({ value: key, label: key })),
        ]}
        onChange={(next) => setSearch({ metrics: namesText(next) })}
      />
      <NativeSelect
        size="xs"
        label="Against"
        w={180}
        value={search.baseline}
        data={[
          { value: "", label: "every pair" },
          ...groups.map(({ name }) => ({ value: name, label: name })),
        ]}
        onChange={(event) => setSearch({ baseline: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label="Test"
        value={search.pairing}
        data={[
          { value: "", label: "paired on seed where possible" },
          { value: "never", label: "independent seed means (Welch)" },
        ]}
        onChange={(event) => setSearch({ pairing: event.currentTarget.value })}
      />
      <NumberInput
        size="xs"
        label={`Equivalence margin${firstUnit ? `, ${differenceUnit(firstUnit)}` : ""}`}
        placeholder="as planned"
        w={150}
        min={0}
        value={search.margin === "" ? "" : Number(search.margin)}
        onChange={(next) => setSearch({ margin: next === "" ? "" : String(next) })}
      />
    </div>
  );
}
