import type { DeterminismRow, SignificanceRow } from "@reprise/contracts";
import { metricDifference, metricValue, percent, pValue, share } from "../../../../shared/format/numbers.js";
import type { ArmMark } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import { VerdictLine } from "../../../../shared/ui/verdict-list.js";
import classes from "./comparison-row.module.css";

export type ComparisonRowData = {
  significance: SignificanceRow;
  /** The same arm in the determinism analysis, for Δ and D. */
  arm: DeterminismRow["others"][number] | null;
};

/** What permutation says of this seed: mostly that its repeats are too few for any claim. */
function Claim({ permutation }: Pick<SignificanceRow, "permutation">) {
  if (permutation.p === null) return null;
  const { rejected } = permutation;
  return (
    <SecondLine>
      permutation: {pValue(permutation.p)}
      {rejected === null ? ", too few repeats for a claim" : rejected ? ", unusual" : ", ordinary"}
    </SecondLine>
  );
}

function Tests({ row }: { row: SignificanceRow }) {
  const { newObservation, oneSample } = row;
  if (row.reason) {
    return (
      <td colSpan={2} className="dim">
        {row.reason}
      </td>
    );
  }
  return (
    <>
      <td className={classes.test}>
        {pValue(newObservation.p)}
        <Claim permutation={row.permutation} />
      </td>
      <td className={classes.test}>
        {pValue(oneSample.p)}{" "}
        {oneSample.rejected === null ? null : (
          <span className={oneSample.rejected ? classes.rejected : "dim"}>
            {oneSample.rejected ? "mean differs" : "not shown"}
          </span>
        )}
        <SecondLine>
          adjusted: {pValue(oneSample.adjustedP)} · false-positive rate {share(oneSample.falsePositiveRate)}
        </SecondLine>
      </td>
    </>
  );
}

/** One configuration, seed and arm; with `words`, its sentences on a line of their own. */
export function ComparisonRow({
  row: { significance: row, arm },
  unit,
  uncertainty,
  words,
  marks,
}: {
  row: ComparisonRowData;
  unit: string;
  /** By which the figures of all rows are rounded. */
  uncertainty: number | null;
  words: boolean;
  marks: readonly ArmMark[];
}) {
  return (
    <>
      <tr>
        <th scope="row" className={classes.rowName}>
          {row.group.configurationLabel}
        </th>
        <td className="num">{row.group.seed}</td>
        <td>
          <ArmName arm={row.arm} marks={marks} />
        </td>
        <td className="right">{row.n}</td>
        <td className="right nowrap">{metricValue(row.deterministicValue, unit, uncertainty)}</td>
        <td className="right nowrap">{metricValue(row.mean, unit, uncertainty)}</td>
        <td className="right nowrap">{metricDifference(row.sd, unit, { uncertainty })}</td>
        <td className="right nowrap">{percent(arm?.deltaPercent ?? null)}</td>
        <td className="right nowrap">{metricDifference(arm?.range ?? null, unit, { uncertainty })}</td>
        <Tests row={row} />
      </tr>
      {words && row.verdicts.length > 0 ? (
        <tr>
          <td colSpan={11}>
            <ul className={classes.rowVerdicts}>
              {row.verdicts.map((verdict) => (
                <li key={verdict.sentence}>
                  <VerdictLine verdict={verdict} weight="quiet" />
                </li>
              ))}
            </ul>
          </td>
        </tr>
      ) : null}
    </>
  );
}
