import type { AnnouncedTrainer, DatasetInfo, Preset } from "@reprise/contracts";
import { IconCircleCheck, IconDatabaseOff } from "@tabler/icons-react";
import { count } from "../../shared/format/numbers.js";
import { ChoiceCard } from "./choice-card.js";
import { firstSentence, isSmall, lacking, shelvesOf } from "./gallery.js";
import { PresetDeviations } from "./preset-deviations.js";
import classes from "./preset-gallery.module.css";

/** What the studies of a shelf have in common; a shelf that is not named here goes by its own name. */
const families: Record<string, string> = {
  "": "Start small",
  "cuda-randomness": "Randomness of CUDA and cuDNN",
  clip: "Hyperparameters of CLIP",
  torch: "Nondeterminism of PyTorch",
};

/** Whether workers could start now, and what they lack otherwise. */
function Readiness({ lacks }: { lacks: readonly string[] | null }) {
  // The line is kept free for what is not known yet.
  if (lacks === null) return <span className={classes.ready}>{"\u00a0"}</span>;
  return lacks.length === 0 ? (
    <span className={classes.ready}>
      <IconCircleCheck size={15} stroke={1.8} aria-hidden /> data and worker are here
    </span>
  ) : (
    <span className={classes.lacking}>
      <IconDatabaseOff size={15} stroke={1.8} aria-hidden />
      <span>No worker has {lacks.join(", ")}.</span>
    </span>
  );
}

/** Studies that are ready to launch, or to start from, by the published study they belong to. */
export function PresetGallery({
  presets,
  trainers,
  datasets,
  chosen,
  onChoose,
}: {
  presets: readonly Preset[];
  /** Undefined while it is not known who is there. */
  trainers: readonly AnnouncedTrainer[] | undefined;
  datasets: readonly DatasetInfo[] | undefined;
  chosen: string | null;
  onChoose: (preset: Preset | null) => void;
}) {
  const current = presets.find((preset) => preset.name === chosen);
  const pressed = (preset: Preset) => chosen === preset.name || preset.parts.includes(chosen ?? "");
  return (
    <>
      {shelvesOf(presets).map(({ family, presets: own }) => (
        <fieldset key={family} className={classes.shelf}>
          <legend>{families[family] ?? family}</legend>
          <div className={classes.gallery}>
            {family === "" ? (
              <ChoiceCard title="Blank" pressed={chosen === null} onChoose={() => onChoose(null)}>
                <span>Two optimizers, two seeds, one question of your own.</span>
              </ChoiceCard>
            ) : null}
            {own.map((preset) => (
              <ChoiceCard
                key={preset.name}
                title={preset.title}
                pressed={pressed(preset)}
                onChoose={() => onChoose(preset)}
              >
                <span>{firstSentence(preset.description)}</span>
                <span className="num dim">
                  {preset.parts.length > 0 ? `${count(preset.parts.length, "sweep")}, ` : ""}
                  {count(preset.runCount, "run")}
                  {isSmall(preset, presets) ? ", made for a laptop" : ", made for GPUs"}
                </span>
                <Readiness
                  lacks={trainers && datasets ? lacking(preset, presets, trainers, datasets) : null}
                />
              </ChoiceCard>
            ))}
          </div>
        </fieldset>
      ))}
      {current && current.parts.length === 0 ? (
        <>
          <p className={classes.presetText}>{current.description}</p>
          <PresetDeviations preset={current} />
        </>
      ) : null}
    </>
  );
}
