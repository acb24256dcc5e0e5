import { isLogged, type ObservedSetting, seenBy, settingWords } from "@reprise/contracts";
import { Absent } from "../../shared/ui/absent.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import classes from "./settings-table.module.css";

const steps = ({ firstStep, lastStep }: ObservedSetting) => {
  if (firstStep === null || lastStep === null) return <Absent reason="belongs to no step" />;
  return firstStep === lastStep ? String(firstStep) : `${firstStep} to ${lastStep}`;
};

function seen({ first, last, changes }: ObservedSetting): string {
  if (changes === 0) return settingWords(last);
  const times = changes === 1 ? "" : ` (${changes} changes)`;
  return `${settingWords(first)}, then ${settingWords(last)}${times}`;
}

function wishWords({ requested, requestedAs }: ObservedSetting, wish: Wish) {
  const isOfLog = requestedAs !== undefined && isLogged(requestedAs);
  if (requested === null || (wish === "Requested" && isOfLog))
    return <Absent reason="nothing was requested for it" />;
  return requested === "null" ? "not set" : requested;
}

/** What settings are held against: the request, or what the program logs of itself. */
type Wish = "Requested" | "Logged";

/** Settings of a training process over its steps; those that depart from the request, or from the log, are red. */
export function SettingsTable({
  label,
  settings,
  wish = "Requested",
}: {
  label: string;
  settings: readonly ObservedSetting[];
  wish?: Wish;
}) {
  return (
    <ScrollRegion label={label}>
      <table className={`data-table ${classes.settings}`}>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">{wish}</th>
            <th scope="col">Seen</th>
            <th scope="col">Steps</th>
            <th scope="col">Set in</th>
            <th scope="col">Known</th>
            <th scope="col" className="num">
              Looks
            </th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr
              key={`${setting.name} ${setting.rank ?? 0}`}
              data-departs={setting.departure ? true : undefined}
            >
              <th scope="row" className="mono">
                {setting.name}
                {setting.rank === undefined ? "" : ` (rank ${setting.rank})`}
              </th>
              <td className="mono">{wishWords(setting, wish)}</td>
              <td className="mono">{seen(setting)}</td>
              <td className="num">{steps(setting)}</td>
              <td className="mono">
                {setting.departure?.where ?? setting.where ?? (
                  <Absent reason="no line of the program was seen to set it" />
                )}
              </td>
              <td>{seenBy([setting])}</td>
              <td className="num">{setting.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
