import type { AuditReading } from "@reprise/contracts";
import { DataTable } from "../../shared/ui/data-table.js";
import { Notes } from "../../shared/ui/note.js";
import classes from "./reading-notes.module.css";

const formatWords: Record<AuditReading["format"], string> = {
  commas: "separated by commas",
  semicolons: "separated by semicolons",
  tabs: "separated by tabs",
  spaces: "separated by spaces",
  markdown: "in Markdown",
  latex: "in LaTeX",
};

/** How the server read a table: its format, what was taken for what, and every cell that it did not understand. */
export function ReadingNotes({ reading }: { reading: AuditReading }) {
  const { rows, format, remarks, notUnderstood } = reading;
  return (
    <div className={classes.reading}>
      <p className="dim small">
        Read as {rows} {rows === 1 ? "row" : "rows"} {formatWords[format]}.
      </p>
      <Notes notes={remarks} />
      {notUnderstood.length > 0 ? (
        <>
          <h3>Not understood, and not checked</h3>
          <DataTable
            label="Cells that are not understood"
            rows={notUnderstood}
            keyOf={(cell) => `${cell.row} ${cell.column} ${cell.text}`}
            columns={[
              { key: "row", header: "Row", cell: (cell) => cell.row },
              { key: "column", header: "Column", cell: (cell) => cell.column || "the whole line" },
              { key: "text", header: "Printed", cell: (cell) => <span className="mono">{cell.text}</span> },
              { key: "reason", header: "Because", cell: (cell) => cell.reason },
            ]}
          />
        </>
      ) : null}
    </div>
  );
}
