import { type ObservedSetting, type RunDetail, seenBy, settingWords } from "@reprise/contracts";
import { Absent } from "../../shared/ui/absent.js";
import { ClaimsTable } from "../../shared/ui/claims-table.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./claims-panel.module.css";

const steps = ({ firstStep, lastStep }: ObservedSetting) => {
  if (firstStep === null || lastStep === null) return <Absent reason="belongs to no step" />;
  return firstStep === lastStep ? String(firstStep) : `${firstStep} to ${lastStep}`;
};

function seen({ first, last, changes }: ObservedSetting): string {
  if (changes === 0) return settingWords(last);
  const times = changes === 1 ? "" : ` (${changes} changes)`;
  return `${settingWords(first)}, then ${settingWords(last)}${times}`;
}

function SettingsOverTime({ settings }: { settings: readonly ObservedSetting[] }) {
  return (
    <ScrollRegion label="Settings over time">
      <table className={`data-table ${classes.settings}`}>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Requested</th>
            <th scope="col">Seen</th>
            <th scope="col">Known</th>
            <th scope="col">Steps</th>
            <th scope="col" className="num">
              Looks
            </th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.name} className={setting.departure ? classes.departs : undefined}>
              <th scope="row" className="mono">
                {setting.name}
              </th>
              <td className="mono">
                {setting.requested === null ? (
                  <Absent reason="neither arm nor seed asks for a value" />
                ) : setting.requested === "null" ? (
                  "not set"
                ) : (
                  setting.requested
                )}
              </td>
              <td className="mono">{seen(setting)}</td>
              <td>{seenBy([setting])}</td>
              <td className="num">{steps(setting)}</td>
              <td className="num">{setting.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** How everything that is said of the run is known, and what was seen of the settings of its process. */
export function ClaimsPanel({ run }: { run: RunDetail }) {
  return (
    <>
      <Section
        title="How is it known?"
        lead="Requested: by the specification. Reported: by the training program. Observed: by Reprise's code inside the training process. Verified: by repeating."
      >
        <ClaimsTable claims={run.claims} />
      </Section>
      {run.observed.length > 0 ? (
        <Section
          title="Which settings did its process have?"
          lead={
            run.departures === 0
              ? "No look departs from what was requested, or from the one before it. Nothing is known of the time between."
              : `${run.departures} of ${run.observed.length} settings ${run.departures === 1 ? "was" : "were"} not as requested, or changed.`
          }
        >
          <SettingsOverTime settings={run.observed} />
        </Section>
      ) : null}
    </>
  );
}
