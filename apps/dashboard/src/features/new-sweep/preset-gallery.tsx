import type { Preset } from "@reprise/contracts";
import { count } from "../../shared/format/numbers.js";
import classes from "./new-sweep.module.css";

/** Studies that are ready to launch, or to start from. */
export function PresetGallery({
  presets,
  chosen,
  onChoose,
}: {
  presets: readonly Preset[];
  chosen: string | null;
  onChoose: (preset: Preset | null) => void;
}) {
  return (
    <fieldset className={classes.gallery} aria-label="Start from">
      <button
        type="button"
        className={classes.preset}
        aria-pressed={chosen === null}
        onClick={() => onChoose(null)}
      >
        <strong>Blank</strong>
        <span>Two optimizers, two seeds, one question of your own.</span>
      </button>
      {presets.map((preset) => (
        <button
          key={preset.name}
          type="button"
          className={classes.preset}
          aria-pressed={chosen === preset.name}
          onClick={() => onChoose(preset)}
        >
          <strong>{preset.title}</strong>
          <span>{preset.description}</span>
          <span className="num dim">{count(preset.runCount, "run")}</span>
        </button>
      ))}
    </fieldset>
  );
}
