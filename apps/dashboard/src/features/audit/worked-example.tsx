import { auditReport } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { callApi } from "../../shared/api/client.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Findings } from "../../shared/ui/findings.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { example } from "./columns.js";
import classes from "./worked-example.module.css";

const [header = [], ...rows] = example
  .trim()
  .split("\n")
  .map((line) => line.split(","));

/** A small table with two mistakes, its impossible cells marked, and what the rules say of them: made by the server like any audit. */
export function WorkedExample() {
  const audit = useQuery({
    queryKey: ["audits", "example"],
    queryFn: ({ signal }) =>
      callApi(auditReport, "/audits", {
        method: "POST",
        body: { tables: [{ name: "Example", csv: example }] },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isFound = (row: readonly string[], column: string) =>
    audit.data?.findings.some(
      (finding) => finding.row === row[0] && finding.column?.toLowerCase() === column.toLowerCase(),
    ) ?? false;
  return (
    <section aria-labelledby="worked-example" className={classes.example}>
      <h2 id="worked-example">What does an audit find?</h2>
      <p className="dim small">A made-up table with two mistakes; impossible cells are marked.</p>
      <DataTable
        label="Example table"
        rows={rows}
        keyOf={(row) => row.join()}
        columns={header.map((name, index) => ({
          key: name,
          header: name,
          right: index > 0,
          cell: (row: readonly string[]) =>
            isFound(row, name) ? <mark className={classes.found}>{row[index]}</mark> : row[index],
        }))}
      />
      <QueryView query={audit} height={140} label="Checking the example">
        {(report) => <Findings report={report} />}
      </QueryView>
    </section>
  );
}
