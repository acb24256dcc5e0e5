import type { AuditTable, ReferenceStudy } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { referenceQuery } from "../../shared/api/catalogue-queries.js";
import { missing } from "../../shared/format/numbers.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Findings } from "../../shared/ui/findings.js";
import { Breadcrumb, PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { Figure } from "./figure.js";
import { referenceAuditQuery } from "./queries.js";
import classes from "./reference-page.module.css";

const route = getRouteApi("/references/$paper");
const numeric = /^[−-]?[\d.,]+ ?%?$/;

const knownWords = {
  stated: "",
  inferred: "header inferred from the arithmetic",
  text: "from the running text",
};

function Printed({ table }: { table: AuditTable }) {
  return (
    <details className={classes.table} open={table.rows.length <= 12}>
      <summary>
        <strong>{table.name}</strong> {table.title}
      </summary>
      <DataTable
        label={`${table.name}: ${table.title}`}
        rows={table.rows.map((cells, index) => ({ cells, key: String(index) }))}
        keyOf={(row) => row.key}
        columns={table.columns.map((column, index) => ({
          key: column.key,
          header: (
            <>
              {column.label || column.key}
              {column.unit === "percent" ? ", %" : ""}
              {column.known === "stated" ? "" : " *"}
            </>
          ),
          title: [knownWords[column.known], column.note].filter(Boolean).join(". ") || undefined,
          right: table.rows.every((row) => (row[index] ?? "") === "" || numeric.test(row[index] ?? "")),
          cell: (row: { cells: string[] }) => row.cells[index] || missing,
        }))}
      />
      {table.columns.some(({ known }) => known !== "stated") ? (
        <p className="dim small">* Header inferred from the arithmetic, or taken from the running text.</p>
      ) : null}
    </details>
  );
}

function Facts({ study }: { study: ReferenceStudy }) {
  return (
    <div className={classes.facts}>
      <div>
        <h3>Design, as far as it is told</h3>
        <ul>
          {study.design.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <div>
        <h3>Where these figures come from</h3>
        <ul>
          {study.provenance.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

const knownOf: Record<ReferenceStudy["quantities"][number]["known"], string> = {
  text: "the text",
  code: "the authors' code",
  unknown: "nobody",
};

/** What the printed performances are, and who says so. */
function Quantities({ study }: { study: ReferenceStudy }) {
  if (study.quantities.length === 0) return null;
  return (
    <Section
      title="What do the printed performances measure?"
      lead="Only the same quantity is compared with them: an accuracy chosen on the test set and one chosen on validation data are different quantities."
    >
      <DataTable
        label="Printed quantities"
        rows={study.quantities}
        keyOf={(row) => `${row.dataset} ${row.metric}`}
        columns={[
          { key: "dataset", header: "Data set", cell: (row) => row.dataset },
          { key: "metric", header: "Metric", cell: (row) => row.metric ?? missing },
          {
            key: "says",
            header: "What it is",
            cell: (row) => <span className={classes.words}>{row.says}</span>,
          },
          { key: "known", header: "Said by", cell: (row) => knownOf[row.known] },
        ]}
      />
    </Section>
  );
}

/** One published study: its design, its figure, what does not add up, its tables as printed. */
export function ReferencePage() {
  const { paper } = route.useParams();
  const study = useQuery(referenceQuery(paper));
  const audit = useQuery(referenceAuditQuery(paper));
  return (
    <>
      <Breadcrumb crumbs={[{ label: "References", to: "/references" }]} here={paper} />
      <QueryView query={study} height={480} label="Loading the published study">
        {(data) => (
          <>
            <PageTitle title={data.title} lead={data.summary} />
            <Facts study={data} />
            <Figure study={data} />
            <Quantities study={data} />
            <Section
              title="What does not add up?"
              lead="Found by rules applied to the printed figures alone, allowing for rounding. A finding says that numbers disagree, not why."
            >
              <QueryView query={audit} height={240} label="Loading the audit">
                {(report) => <Findings report={report} />}
              </QueryView>
            </Section>
            <Section title="What was printed?" lead="Cells as published; trailing zeros show the precision.">
              {data.tables.map((table) => (
                <Printed key={table.name} table={table} />
              ))}
            </Section>
          </>
        )}
      </QueryView>
    </>
  );
}
