import type { ImportProposal } from "@reprise/contracts";
import { count } from "../../shared/format/numbers.js";
import { armMarks, markOf } from "../../shared/marks/arm-marks.js";
import { ArmName } from "../../shared/marks/arm-name.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import classes from "./cell-strip.module.css";

/** Rows that are drawn; a random search has one a configuration. */
const mostRows = 60;

type Row = { key: string; configuration: string; seed: number | null; runs: ImportProposal["runs"] };

function rowsOf({ runs }: ImportProposal): Row[] {
  const rows = new Map<string, Row>();
  for (const run of runs) {
    if (run.configuration === null) continue;
    const key = JSON.stringify([run.configuration, run.seed]);
    const row = rows.get(key) ?? { key, configuration: run.configuration, seed: run.seed, runs: [] };
    row.runs.push(run);
    rows.set(key, row);
  }
  const byPlace = (a: Row, b: Row) =>
    a.configuration.localeCompare(b.configuration, undefined, { numeric: true }) ||
    (a.seed ?? 0) - (b.seed ?? 0);
  return [...rows.values()].toSorted(byPlace);
}

const isComplete = ({ status, leftOut }: ImportProposal["runs"][number]) =>
  (status === "finished" || status === "unknown") && leftOut === null;

/** Every run where the proposed design puts it: a row for each configuration and seed, a square for each run, filled where it is complete. */
export function CellStrip({ proposal }: { proposal: ImportProposal }) {
  const arms = armMarks(
    proposal.arms.map(({ name, deterministic }) => ({
      name,
      repeats: 1,
      execution: {
        order: deterministic ? "fixed" : "free",
        algorithms: deterministic ? "deterministic" : "default",
        autotune: false,
        tf32: false,
      },
    })),
  );
  const rows = rowsOf(proposal);
  const shown = rows.slice(0, mostRows);
  const order = new Map(proposal.arms.map(({ name }, index) => [name, index]));
  const sorted = (runs: Row["runs"]) =>
    runs.toSorted(
      (a, b) =>
        (order.get(a.arm ?? "") ?? 0) - (order.get(b.arm ?? "") ?? 0) || (a.repeat ?? 0) - (b.repeat ?? 0),
    );
  return (
    <>
      <ScrollRegion label="Runs by configuration and seed">
        <table className={classes.strip}>
          <caption className="visually-hidden">Runs by configuration and seed</caption>
          <thead>
            <tr>
              <th scope="col">Configuration</th>
              <th scope="col">Seed</th>
              <th scope="col">Runs</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, configuration, seed, runs }) => (
              <tr key={key}>
                <th scope="row">{configuration}</th>
                <td className={classes.seed}>{seed ?? "?"}</td>
                <td>
                  <span className={classes.squares}>
                    {sorted(runs).map((run) => {
                      const { color } = markOf(arms, run.arm ?? "");
                      const words = `${run.name}: ${run.arm}, repeat ${(run.repeat ?? 0) + 1}, ${isComplete(run) ? "complete" : (run.leftOut ?? run.status)}`;
                      return (
                        <span
                          key={run.sourceId}
                          className={classes.square}
                          role="img"
                          aria-label={words}
                          title={words}
                          style={{ borderColor: color, background: isComplete(run) ? color : "transparent" }}
                        />
                      );
                    })}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <p className={classes.legend}>
        {proposal.arms.map(({ name }) => (
          <ArmName key={name} arm={name} marks={arms} />
        ))}
        <span>hollow: failed, unfinished or doubtful</span>
        {rows.length > mostRows ? (
          <span>{count(rows.length - mostRows)} further rows are not drawn</span>
        ) : null}
      </p>
    </>
  );
}
