import type { AgreementGroup } from "@reprise/contracts";
import { count } from "../../../../shared/format/numbers.js";
import { CaseThumbnail, type FindPicture } from "../../../../shared/ui/case-thumbnail.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { Note } from "../../../../shared/ui/note.js";
import classes from "./flipping-cases.module.css";

/** Every run's decision about one case, as a bar of the share of runs per class. */
function Division({ decisions, trueClass }: { decisions: Record<string, number>; trueClass: string }) {
  const total = Object.values(decisions).reduce((sum, n) => sum + n, 0);
  const right = decisions[trueClass] ?? 0;
  return (
    <span className={classes.division}>
      <span className={classes.divisionBar} aria-hidden>
        <span style={{ width: `${(100 * right) / total}%` }} />
      </span>
      {right} of {total} runs are right
    </span>
  );
}

/** "det 1, free 6": of the deterministic arm one run stands for its copies. */
const armsOf = ({ runs }: AgreementGroup) =>
  [...new Set(runs.map(({ arm }) => arm))]
    .map((arm) => `${arm} ${runs.filter((run) => run.arm === arm).length}`)
    .join(", ");

export function FlippingCases({ group, find }: { group: AgreementGroup; find: FindPicture }) {
  if (group.cases.length === 0)
    return <Note>No case flips: all of these runs classify every case identically.</Note>;
  const shown = group.cases.slice(0, 60);
  const pictured = shown.some(({ caseId }) => find(caseId) !== null);
  return (
    <div className={classes.cases}>
      <DataTable
        label="Cases that flip"
        caption={`${count(group.flippedCases)} of ${count(group.testCases, "test case")} are not classified identically by all of these ${count(group.runs.length, "run")} (${armsOf(group)}), the most divided first.`}
        rows={shown}
        keyOf={(row) => row.caseId}
        columns={[
          { key: "case", header: "Case", cell: (row) => <span className="mono">{row.caseId}</span> },
          ...(pictured
            ? [
                {
                  key: "picture",
                  header: "Picture",
                  cell: ({ caseId, trueClass }: AgreementGroup["cases"][number]) => (
                    <CaseThumbnail picture={find(caseId)} caseId={caseId} trueClass={trueClass} />
                  ),
                },
              ]
            : []),
          { key: "true", header: "True class", cell: (row) => row.trueClass },
          {
            key: "division",
            header: "How divided",
            cell: (row) => <Division decisions={row.decisions} trueClass={row.trueClass} />,
          },
          {
            key: "decisions",
            header: "Runs decided for",
            cell: (row) =>
              Object.entries(row.decisions)
                .filter(([, n]) => n > 0)
                .map(([name, n]) => `${name} ${n}`)
                .join(", "),
          },
        ]}
      />
    </div>
  );
}
