import { Switch } from "@mantine/core";
import { type NoiseSource, noiseSources } from "@reprise/contracts";
import type { Draft, Edit } from "./draft.js";
import classes from "./noise-editor.module.css";

const words: Record<NoiseSource, { label: string; description: string }> = {
  init: { label: "Initial weights", description: "redrawn for every repeat" },
  dataOrder: { label: "Data order", description: "reshuffled for every repeat" },
  augmentation: { label: "Augmentation", description: "random crops and flips differ between repeats" },
  dropout: { label: "Dropout", description: "masks differ between repeats" },
  split: { label: "Data split", description: "other cases are trained on and tested in every repeat" },
};

/** What else may differ between the repeats of one seed; with all of them fixed, only execution does. */
export function NoiseEditor({ draft, edit }: { draft: Draft; edit: Edit }) {
  const varied = noiseSources.filter((source) => draft.noise[source] === "varied");
  return (
    <details className={classes.noise} open={varied.length > 0}>
      <summary>
        Between repeats vary{" "}
        <strong>
          {varied.length === 0
            ? "execution alone"
            : ["execution", ...varied.map((source) => words[source].label.toLowerCase())].join(", ")}
        </strong>
      </summary>
      <div className={classes.switches}>
        {noiseSources.map((source) => (
          <Switch
            key={source}
            label={words[source].label}
            description={words[source].description}
            checked={draft.noise[source] === "varied"}
            onChange={(event) => edit(["noise", source], event.currentTarget.checked ? "varied" : undefined)}
          />
        ))}
      </div>
    </details>
  );
}
