import type { Preset } from "@reprise/contracts";
import { count } from "../../shared/format/numbers.js";
import classes from "./new-sweep.module.css";

/** Cards of the gallery: what is part of a study stands in the study's card, the quickstart first. */
export function galleryOf(presets: readonly Preset[]): Preset[] {
  const parts = new Set(presets.flatMap((preset) => preset.parts));
  return presets
    .filter((preset) => !parts.has(preset.name))
    .sort((a, b) => Number(b.name === "quickstart") - Number(a.name === "quickstart"));
}

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
  const current = presets.find((preset) => preset.name === chosen);
  const pressed = (preset: Preset) => chosen === preset.name || preset.parts.includes(chosen ?? "");
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
        {galleryOf(presets).map((preset) => (
          <button
            key={preset.name}
            type="button"
            className={classes.preset}
            aria-pressed={pressed(preset)}
            onClick={() => onChoose(preset)}
          >
            <strong>{preset.title}</strong>
            <span className={classes.clamped}>{preset.description}</span>
            <span className="num dim">
              {preset.parts.length > 0 ? `${count(preset.parts.length, "sweep")}, ` : ""}
              {count(preset.runCount, "run")}
            </span>
          </button>
        ))}
      </fieldset>
      {current && current.parts.length === 0 ? (
        <p className={classes.presetText}>{current.description}</p>
      ) : null}
    </>
  );
}
