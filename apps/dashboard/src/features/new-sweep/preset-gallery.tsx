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
  // The quickstart first: it is what a newcomer should start from.
  const ordered = [...presets].sort(
    (a, b) => Number(b.name === "quickstart") - Number(a.name === "quickstart"),
  );
  const current = presets.find((preset) => preset.name === chosen);
  return (
    <>
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
        {ordered.map((preset) => (
          <button
            key={preset.name}
            type="button"
            className={classes.preset}
            aria-pressed={chosen === preset.name}
            onClick={() => onChoose(preset)}
          >
            <strong>{preset.title}</strong>
            <span className={classes.clamped}>{preset.description}</span>
            <span className="num dim">{count(preset.runCount, "run")}</span>
          </button>
        ))}
      </fieldset>
      {current ? <p className={classes.presetText}>{current.description}</p> : null}
    </>
  );
}
