import type { PooledRow } from "@reprise/contracts";
import { metricDifference, numberOrNull, pValue } from "../../../../shared/format/numbers.js";
import { ScrollRegion } from "../../../../shared/ui/scroll-region.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";
import classes from "./pooled-table.module.css";

function Permuted({ p, adjustedP }: { p: PooledRow["shiftP"]; adjustedP: PooledRow["shiftAdjustedP"] }) {
  return (
    <td className="right">
      {pValue(p)}
      {p === null ? null : (
        <SecondLine>
          {adjustedP === null ? "too few relabelings" : `adjusted: ${pValue(adjustedP)}`}
        </SecondLine>
      )}
    </td>
  );
}

export function PooledTable({ rows, unit }: { rows: readonly PooledRow[]; unit: string }) {
  return (
    <ScrollRegion label="Over seeds">
      <table className="data-table">
        <caption className={classes.caption}>
          Over seeds: is there a mean shift, and are deterministic runs ordinary draws?
        </caption>
        <thead>
          <tr>
            <th scope="col">Configuration</th>
            <th scope="col">Arm</th>
            <th scope="col" className="right">
              Seeds
            </th>
            <th scope="col" className="right">
              Mean shift at these seeds, 95 % interval
            </th>
            <th scope="col" className="right">
              Permutation p
            </th>
            <th scope="col" className="right">
              Dispersion, permutation p
            </th>
            <th scope="col" className="right">
              As in the papers: t, F
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.configurationKey} ${row.arm}`}>
              <td>{row.configurationLabel}</td>
              <td>{row.arm}</td>
              <td className="right">{row.seeds}</td>
              {row.reason ? (
                <td colSpan={4} className="dim">
                  {row.reason}
                </td>
              ) : (
                <>
                  <td className="right nowrap">
                    {metricDifference(row.shift, unit, { signed: true })}
                    {row.shiftInterval.low === null ? null : (
                      <>
                        {" "}
                        [{metricDifference(row.shiftInterval.low, unit)},{" "}
                        {metricDifference(row.shiftInterval.high, unit)}]
                      </>
                    )}
                  </td>
                  <Permuted p={row.shiftP} adjustedP={row.shiftAdjustedP} />
                  <Permuted p={row.dispersionP} adjustedP={row.dispersionAdjustedP} />
                  <td className="right">
                    {row.normalTheory === null ? (
                      "–"
                    ) : (
                      <>
                        t({numberOrNull(row.normalTheory.df)}), {pValue(row.normalTheory.p)}
                        <SecondLine>
                          F({row.normalTheory.fDf.join(", ")}), {pValue(row.normalTheory.fP)}
                        </SecondLine>
                      </>
                    )}
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
