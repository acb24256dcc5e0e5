import type { ClassificationRow } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import { share } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ScrollRegion } from "../../../../shared/ui/scroll-region.js";
import classes from "./confusion-matrix.module.css";

export type ClassConfusion = NonNullable<ClassificationRow["classConfusion"]>;

/** Ink over the ground: the larger the share of its class, the darker, and never so dark that the number is hard to read. */
function shadeOf(count: number, cases: number) {
  if (count === 0 || cases === 0) return {};
  return {
    background: `color-mix(in srgb, var(--ink) ${Math.round(5 + (31 * count) / cases)}%, var(--surface))`,
  };
}

/** Names that fit above a narrow column stand there; longer ones are numbered. */
function headersOf(names: readonly string[]) {
  const fit = names.every((name) => name.length <= 3);
  return names.map((name, k) => ({
    name,
    short: fit ? name : String(k + 1),
    long: fit ? name : `${k + 1} ${name}`,
  }));
}

/** Counts of test cases: a line per class of the cases, a column per class that they were given. */
export function ConfusionMatrix({ confusion }: { confusion: ClassConfusion }) {
  const headers = headersOf(confusion.classes);
  const undecided = confusion.undecided.some((count) => count > 0);
  return (
    <ScrollRegion label="Confusion matrix">
      <table className={classes.matrix}>
        <caption className={classes.caption}>
          Test cases of{" "}
          <Link to="/runs/$runId" params={{ runId: confusion.runId }}>
            one run
          </Link>
          . Rows: the class they are of. Columns: the class they were given.
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Class of the cases</span>
            </th>
            {headers.map(({ name, short }) => (
              <th key={name} scope="col" title={name} abbr={name}>
                {short}
              </th>
            ))}
            {undecided ? (
              <th scope="col" title="Scores that are not numbers">
                none
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {headers.map(({ name, long }, row) => (
            <tr key={name}>
              <th scope="row">{long}</th>
              {headers.map((given, column) => {
                const count = confusion.counts[row]?.[column] ?? 0;
                return (
                  <td
                    key={given.name}
                    className={row === column ? classes.own : undefined}
                    style={shadeOf(count, confusion.recall[row]?.n ?? 0)}
                    title={`${count} of ${confusion.recall[row]?.n ?? 0} ${name} given as ${given.name}`}
                  >
                    {count === 0 ? <span className={classes.none}>0</span> : count}
                  </td>
                );
              })}
              {undecided ? <td>{confusion.undecided[row]}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** How much of each class is found: by one run with what its test cases leave open, and by all runs of the row. */
export function RecallTable({ confusion, runs }: { confusion: ClassConfusion; runs: number }) {
  const headers = headersOf(confusion.classes);
  return (
    <DataTable
      label="Recall of every class"
      rows={headers.map((header, k) => ({ ...header, k }))}
      keyOf={({ name }) => name}
      columns={[
        { key: "class", header: "Class", cell: ({ long }) => long },
        { key: "cases", header: "Cases", right: true, cell: ({ k }) => confusion.recall[k]?.n ?? 0 },
        {
          key: "recall",
          header: "Recall",
          title: "Share of the class that the run finds",
          right: true,
          cell: ({ k }) => <span className="nowrap">{share(confusion.recall[k]?.estimate ?? null, 1)}</span>,
        },
        {
          key: "interval",
          header: "95 % interval",
          title: "Wilson interval of the run's recall: what its test cases leave open",
          right: true,
          cell: ({ k }) => {
            const { low = null, high = null } = confusion.recall[k] ?? {};
            return (
              <span className="nowrap">
                {share(low)} to {share(high)}
              </span>
            );
          },
        },
        ...(runs < 2
          ? []
          : [
              {
                key: "range",
                header: `Over ${runs} runs`,
                title: "Least and most of the class that a run finds",
                right: true,
                cell: ({ k }: { k: number }) => {
                  const { min = null, max = null } = confusion.recallRange[k] ?? {};
                  return (
                    <span className="nowrap">
                      {share(min) === share(max) ? share(min) : `${share(min)} to ${share(max)}`}
                    </span>
                  );
                },
              },
            ]),
      ]}
    />
  );
}
