import type { RunDetail } from "@reprise/contracts";
import { parameterRows } from "../../shared/format/parameters.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./configuration-panel.module.css";

const stateWords = { same: "as requested", default: "default", differs: "differs" };

/** What was asked beside what was used. A difference is an error in plain sight. */
export function ConfigurationPanel({ run }: { run: RunDetail }) {
  const rows = parameterRows(run.params, run.effectiveParams);
  const differing = rows.filter((row) => row.state === "differs").length;
  const lead = run.origin
    ? "These are the settings that the tracker recorded; the values actually used were not observed."
    : run.effectiveParams === null
      ? "The trainer has not yet reported what it uses."
      : differing === 0
        ? "Everything that was requested was used."
        : `${differing} of ${rows.length} differ from what was requested.`;
  return (
    <Section
      title={run.origin ? "Which settings were recorded?" : "Did the trainer use what was asked?"}
      lead={lead}
    >
      <ScrollRegion label="Requested and effective configuration">
        <table className={`data-table ${classes.narrow}`}>
          <thead>
            <tr>
              <th scope="col">Hyperparameter</th>
              <th scope="col">Requested</th>
              <th scope="col">Used</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} className={row.state === "differs" ? classes.differs : undefined}>
                <th scope="row" className="mono">
                  {row.name}
                </th>
                <td className="mono">{row.requested ?? "–"}</td>
                <td className="mono">{row.effective ?? "–"}</td>
                <td className="small">{run.effectiveParams === null ? "" : stateWords[row.state]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}
