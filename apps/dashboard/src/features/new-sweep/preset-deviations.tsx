import type { Preset } from "@reprise/contracts";
import { count } from "../../shared/format/numbers.js";
import { Deviations } from "../../shared/ui/deviations.js";
import classes from "./preset-deviations.module.css";

/** What a preset does otherwise than the study it follows; nothing for one that follows none. */
export function PresetDeviations({ preset, open = true }: { preset: Preset; open?: boolean }) {
  const { deviations, source } = preset;
  if (deviations.length === 0) return null;
  return (
    <details className={classes.details} open={open}>
      <summary>
        What differs from the published study?{" "}
        <span className="dim">{count(deviations.length, "deviation")}</span>
      </summary>
      <Deviations items={deviations} lead={`Source for the published study: ${source}.`} />
    </details>
  );
}
