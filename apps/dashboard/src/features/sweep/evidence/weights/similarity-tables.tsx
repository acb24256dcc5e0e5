import type { SimilarityAnalysis } from "@reprise/contracts";
import { finiteOrNull, significant } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";

export function Outputs({ groups }: { groups: SimilarityAnalysis["groups"] }) {
  const rows = groups.filter((group) => group.outputs !== null);
  if (rows.length === 0) return null;
  return (
    <DataTable
      label="Similarity of scores"
      caption="Linear CKA of the scores that the runs give to the same test cases; 1 means equal up to rotation and scale."
      rows={rows}
      keyOf={(row) => `${row.group.configurationKey} ${row.group.seed} ${row.arm}`}
      columns={[
        { key: "configuration", header: "Configuration", cell: (row) => row.group.configurationLabel },
        { key: "seed", header: "Seed", right: true, cell: (row) => row.group.seed },
        { key: "arm", header: "Arm", cell: (row) => row.arm },
        { key: "runs", header: "Runs", right: true, cell: (row) => row.outputs?.runs ?? "–" },
        {
          key: "mean",
          header: "Mean CKA",
          right: true,
          cell: (row) => {
            const value = finiteOrNull(row.outputs?.meanCka);
            return value === null ? "–" : significant(value, 5);
          },
        },
        {
          key: "least",
          header: "Least",
          right: true,
          cell: (row) => {
            const value = finiteOrNull(row.outputs?.minCka);
            return value === null ? "–" : significant(value, 5);
          },
        },
      ]}
    />
  );
}

/** Activations of fixed cases at the last epoch; the table of the section has all epochs. */
export function Probes({ groups }: { groups: SimilarityAnalysis["groups"] }) {
  const rows = groups.flatMap(({ probe, ...group }) => (probe ? [{ ...group, probe }] : []));
  if (rows.length === 0) return null;
  const last = (values: Parameters<typeof finiteOrNull>[0][]) => {
    const value = finiteOrNull(values.at(-1));
    return value === null ? "–" : significant(value, 5);
  };
  return (
    <DataTable
      label="Similarity of activations"
      caption="Activations of the same test cases before the last layer, after the last epoch: cosine as they are, linear CKA up to rotation and scale. All epochs are in the data table."
      rows={rows}
      keyOf={(row) => `${row.group.configurationKey} ${row.group.seed} ${row.arm}`}
      columns={[
        { key: "configuration", header: "Configuration", cell: (row) => row.group.configurationLabel },
        { key: "seed", header: "Seed", right: true, cell: (row) => row.group.seed },
        { key: "arm", header: "Arm", cell: (row) => row.arm },
        { key: "epoch", header: "Epoch", right: true, cell: (row) => row.probe.epochs.at(-1) ?? "–" },
        { key: "runs", header: "Runs", right: true, cell: (row) => row.probe.n.at(-1) ?? "–" },
        { key: "cases", header: "Cases", right: true, cell: (row) => row.probe.cases },
        { key: "cosine", header: "Mean cosine", right: true, cell: (row) => last(row.probe.meanCosine) },
        { key: "leastCosine", header: "Least", right: true, cell: (row) => last(row.probe.minCosine) },
        { key: "cka", header: "Mean CKA", right: true, cell: (row) => last(row.probe.meanCka) },
        { key: "leastCka", header: "Least", right: true, cell: (row) => last(row.probe.minCka) },
      ]}
    />
  );
}
