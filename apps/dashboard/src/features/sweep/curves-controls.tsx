import { MultiSelect, NativeSelect, Switch } from "@mantine/core";
import type { CurveGroup } from "@reprise/contracts";
import { shortLabel } from "../../shared/format/numbers.js";
import { bandKinds, type CurveView, countedByEpoch, stepsKnown } from "./curve-lines.js";
import type { MetricChoice } from "./metric-choices.js";

/** Which metrics are drawn, a telling one where none is chosen, and how. */
export type CurvesSearch = CurveView & { curve: string[] };

/** More drawings side by side would be too small to read. */
const mostMetrics = 4;

const bands = [
  { value: "", label: "band: 95 % interval" },
  { value: "sd", label: "band: SD" },
  { value: "se", label: "band: standard error" },
  { value: "range", label: "band: min to max" },
];

const axisNamed = (name: string): CurveView["x"] => (name === "time" || name === "step" ? name : "");

/** What is drawn along what, how smooth and on which scale. */
export function CurvesControls({
  choices,
  metrics,
  view,
  groups,
  onView,
}: {
  choices: readonly MetricChoice[];
  metrics: readonly string[];
  /** As it is drawn: where the address asks for an axis that these runs do not have, the one that they have. */
  view: CurveView;
  groups: readonly CurveGroup[];
  onView: (change: Partial<CurvesSearch>) => void;
}) {
  const byEpoch = countedByEpoch(groups);
  return (
    <>
      <MultiSelect
        size="xs"
        w="min(100%, 400px)"
        styles={{ inputField: { minWidth: 40 } }}
        aria-label="Metrics of the curves"
        searchable
        hidePickedOptions
        maxValues={mostMetrics}
        nothingFoundMessage="No metric has this name."
        value={[...metrics]}
        data={choices.map((choice) => ({ value: choice.key, label: shortLabel(choice.label, choice.key) }))}
        onChange={(chosen) => onView({ curve: chosen })}
      />
      <NativeSelect
        size="xs"
        aria-label="Along"
        value={view.x}
        data={[
          { value: "", label: `by ${byEpoch ? "epoch" : "step"}` },
          ...(byEpoch && stepsKnown(groups) ? [{ value: "step", label: "by optimizer step" }] : []),
          { value: "time", label: "by time" },
        ]}
        onChange={(event) => onView({ x: axisNamed(event.currentTarget.value) })}
      />
      <NativeSelect
        size="xs"
        aria-label="Band"
        value={view.band}
        data={bands}
        onChange={(event) => {
          const asked = event.currentTarget.value;
          onView({ band: bandKinds.find((kind) => kind === asked) ?? "" });
        }}
      />
      <NativeSelect
        size="xs"
        aria-label="Smoothing"
        value={view.smooth}
        data={[
          { value: "", label: "not smoothed" },
          { value: "0.6", label: "smoothed" },
          { value: "0.9", label: "smoothed more" },
        ]}
        onChange={(event) => onView({ smooth: event.currentTarget.value })}
      />
      <Switch
        size="xs"
        label="Log scale"
        checked={view.log === "on"}
        onChange={(event) => onView({ log: event.currentTarget.checked ? "on" : "" })}
      />
    </>
  );
}
