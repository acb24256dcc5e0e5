import { Button } from "@mantine/core";
import { type Preset, type Sweep, sweep } from "@reprise/contracts";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { PresetDeviations } from "./preset-deviations.js";
import classes from "./study-parts.module.css";
import { Warning } from "./warning.js";

/** A study of several sweeps: launched together, or one part of it taken as a start. */
export function StudyParts({
  preset,
  presets,
  onEdit,
}: {
  preset: Preset;
  presets: readonly Preset[];
  onEdit: (part: Preset) => void;
}) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  // One key per part for as long as the page lives: pressing again after a failure creates nothing twice.
  const [keys] = useState(() => new Map(preset.parts.map((part) => [part, crypto.randomUUID()])));
  const parts = preset.parts.flatMap((name) => presets.find((candidate) => candidate.name === name) ?? []);
  const launch = useMutation({
    mutationFn: async () => {
      const made: Sweep[] = [];
      for (const part of parts) {
        made.push(
          await callApi(sweep, `/sweeps?preset=${encodeURIComponent(part.name)}`, {
            method: "POST",
            body: part.spec,
            idempotencyKey: keys.get(part.name),
          }),
        );
      }
      return made;
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["sweeps"] }),
    onSuccess: () => navigate({ to: "/" }),
  });
  return (
    <section className={classes.study} aria-label={preset.title}>
      <p className={classes.presetText}>{preset.description}</p>
      <ol className={classes.studyParts}>
        {parts.map((part) => (
          <li key={part.name}>
            <div>
              <h3>{part.title}</h3>
              <p className="small dim">{part.description}</p>
              <PresetDeviations preset={part} open={false} />
            </div>
            <span className="num small">{count(part.runCount, "run")}</span>
            <Button
              variant="default"
              size="xs"
              onClick={() => onEdit(part)}
              aria-label={`Look and edit: ${part.title}`}
            >
              Look and edit
            </Button>
          </li>
        ))}
      </ol>
      {preset.proof ? (
        <p className="small dim">
          When the runs have ended, verify a fixed-order run and replay a free one of “
          {parts.find((part) => part.name === preset.proof)?.title ?? preset.proof}”: that is the study's
          proof. On the command line <span className="mono">reprise sweep run {preset.name}</span> does both
          by itself.
        </p>
      ) : null}
      <Button
        size="md"
        w="fit-content"
        leftSection={<IconPlayerPlay size={18} />}
        loading={launch.isPending}
        onClick={() => launch.mutate()}
      >
        Launch all {count(parts.length, "sweep")}, {count(preset.runCount, "run")}
      </Button>
      {launch.error ? (
        <Warning role="alert">
          Not all were launched: <ServerText text={launch.error.message} /> Pressing again creates only what
          is missing.
        </Warning>
      ) : null}
    </section>
  );
}
