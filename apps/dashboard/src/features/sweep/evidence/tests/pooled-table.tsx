import type { PooledRow } from "@reprise/contracts";
import { metricDifference, numberOrNull, pValue, significant } from "../../../../shared/format/numbers.js";
import { ScrollRegion } from "../../../../shared/ui/scroll-region.js";
import classes from "./pooled-table.module.css";

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
              Mean shift, 95 % interval
            </th>
            <th scope="col" className="right">
              p of the shift
            </th>
            <th scope="col" className="right">
              Dispersion F (df)
            </th>
            <th scope="col" className="right">
              p of the dispersion
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
                    {metricDifference(row.shift, unit, { signed: true })} [
                    {metricDifference(row.shiftInterval.low, unit)},{" "}
                    {metricDifference(row.shiftInterval.high, unit)}]
                  </td>
                  <td className="right">{pValue(row.shiftP)}</td>
                  <td className="right">
                    {significant(numberOrNull(row.dispersionF) ?? Number.NaN)} ({row.dispersionDf.join(", ")})
                  </td>
                  <td className="right">{pValue(row.dispersionP)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
