import { type Claim, claimSubjectLabels } from "@reprise/contracts";
import classes from "./claims-table.module.css";
import { ScrollRegion } from "./scroll-region.js";

/** What is said, and how it is known; in red what is known to be otherwise. */
export function ClaimsTable({ claims }: { claims: readonly Claim[] }) {
  return (
    <ScrollRegion label="How it is known">
      <table className={`data-table ${classes.claims}`}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Claimed</th>
            <th scope="col">Known</th>
            <th scope="col">By what</th>
          </tr>
        </thead>
        <tbody>
          {claims.map(({ subject, value, known, reason, departs }) => (
            <tr key={subject} data-departs={departs || undefined}>
              <th scope="row">{claimSubjectLabels[subject]}</th>
              <td>{value}</td>
              <td>
                {known ?? "not recorded"}
                {departs ? ", not as requested" : ""}
              </td>
              <td className={classes.reason}>{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
