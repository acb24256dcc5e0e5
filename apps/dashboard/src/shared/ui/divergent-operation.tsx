import { type DivergentOperation, divergentOperationRows } from "@reprise/contracts";
import classes from "./divergent-operation.module.css";
import { ScrollRegion } from "./scroll-region.js";

/** The operation in which two traced trainings part, with what is known of it. */
export function DivergentOperationTable({ parted }: { parted: DivergentOperation }) {
  return (
    <>
      <ScrollRegion label="Where the two part">
        <table className={`data-table ${classes.place}`}>
          <tbody>
            {divergentOperationRows(parted).map(([name, value]) => (
              <tr key={`${name} ${value}`}>
                <th scope="row">{name}</th>
                <td className="mono">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {parted.documentation ? (
        <p className="small">
          <a href={parted.documentation} rel="noreferrer" target="_blank">
            What PyTorch documents about deterministic algorithms
          </a>
        </p>
      ) : null}
    </>
  );
}
