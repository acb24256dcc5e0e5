import type { StudyReport } from "@reprise/contracts";
import { unbroken } from "../../shared/format/numbers.js";
import { Absent } from "../../shared/ui/absent.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { ExportLinks } from "../../shared/ui/export-links.js";
import { Note, Notes } from "../../shared/ui/note.js";
import { Section } from "../../shared/ui/section.js";
import { VerdictList } from "../../shared/ui/verdict-list.js";
import { analysisNamed } from "./analysis-named.js";
import classes from "./evidence.module.css";

type Result = StudyReport["results"][number];
type Row = { key: string; cells: (string | null)[]; absent: Record<string, string> };

/** Why a cell, or a part of one that stands for two columns, is empty. */
const reasonsOf = ({ absent }: Row, column: Result["printed"]["columns"][number]) => [
  ...new Set([column.key, ...column.with].flatMap((key) => absent[key] ?? [])),
];

/** A figure, whose interval may go on a line of its own, or a name, which is set as it stands. */
function Cell({
  text,
  isName,
  reasons,
}: {
  text: string | null;
  isName: boolean;
  reasons: readonly string[];
}) {
  if (text === null) return <Absent reason={reasons.join(" ") || "no reason recorded"} />;
  const figures = unbroken(text).replaceAll(" ± ", "\u00a0±\u00a0");
  const [value = "", interval] = isName ? [text] : figures.split(/ (?=\[[^\]]*\]$)/);
  const shown = interval ? (
    <>
      {value} <span className={classes.interval}>{interval}</span>
    </>
  ) : (
    value
  );
  return reasons.length === 0 ? shown : <span title={reasons.join(" ")}>{shown}</span>;
}

/** The columns that fit a page; files have all. */
function ResultTable({ table, printed, caption }: Result) {
  return (
    <div className={classes.dense}>
      <DataTable<Row>
        label={table.title}
        caption={caption}
        rows={printed.rows.map((cells, index) => ({
          key: String(index),
          cells,
          absent: table.absent[index] ?? {},
        }))}
        keyOf={(row) => row.key}
        columns={printed.columns.map((column, index) => ({
          key: column.key,
          header: column.label,
          title: column.description,
          right: !column.text,
          cell: (row) => (
            <Cell text={row.cells[index] ?? null} isName={column.text} reasons={reasonsOf(row, column)} />
          ),
        }))}
      />
    </div>
  );
}

/** Every sentence with what it is known by, then the table behind it. */
export function Evidence({
  results,
  sweepId,
  metric,
}: {
  results: StudyReport["results"];
  sweepId: string;
  metric: string | undefined;
}) {
  return (
    <Section title="What does the answer rest on?">
      {results.length === 0 ? <p>There is no result yet.</p> : null}
      {results.map((result) => {
        const name = analysisNamed(result.analysis);
        return (
          <div key={result.analysis} className={classes.result}>
            <div className={classes.head}>
              <h3>{result.table.title}</h3>
              {name ? (
                <span className={classes.links}>
                  <ExportLinks sweepId={sweepId} name={name} metric={metric} title={result.table.title} />
                </span>
              ) : null}
            </div>
            <VerdictList verdicts={result.verdicts} shown={3} />
            <ResultTable {...result} />
            <div className={classes.notes}>
              <Note>{result.note}</Note>
              <Notes notes={result.notes} />
            </div>
          </div>
        );
      })}
    </Section>
  );
}
