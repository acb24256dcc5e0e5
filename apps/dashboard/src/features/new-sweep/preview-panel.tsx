import { Button, Loader } from "@mantine/core";
import { canonicalJson, type MetricInfo, type SweepPreview, sweep } from "@reprise/contracts";
import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { ApiError, callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { roughly } from "../../shared/format/time.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { Placeholder } from "../../shared/ui/states.js";
import { FieldErrors, focusFirstWrong } from "./field-errors.js";
import { Estimates } from "./plan-estimates.js";
import classes from "./preview-panel.module.css";
import type { Preview } from "./use-preview.js";
import { Warning } from "./warning.js";
import type { ReadSpec } from "./yaml-spec.js";

function Count({ preview }: { preview: SweepPreview }) {
  const repeats = preview.arms.map((arm) => `${arm.repeats} ${arm.name}`).join(" + ");
  return (
    <>
      <p className={classes.runCount}>
        <strong>{count(preview.runCount)}</strong> {preview.runCount === 1 ? "run" : "runs"}
      </p>
      <p className="small dim">
        {count(preview.configurations.length, "configuration")} × {count(preview.seeds.length, "seed")} × (
        {repeats})
      </p>
    </>
  );
}

function FirstRuns({ preview }: { preview: SweepPreview }) {
  return (
    <details className={classes.firstRuns}>
      <summary>First runs</summary>
      <ol>
        {preview.firstRuns.map((run) => (
          <li key={`${run.key} ${run.configurationLabel} ${run.seed} ${run.arm} ${run.repeat}`}>
            {run.configurationLabel}{" "}
            <span className="dim">
              seed {run.seed} · {run.arm} {run.repeat + 1}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What the button does now, in its words. */
function launchWords({ preview, isCounting, refused, errors }: Preview, isReadable: boolean): string {
  if (isCounting) return "Counting the runs …";
  if (refused) return "Count the runs again";
  if (!isReadable || errors.length > 0 || !preview) return "Launch";
  return `Launch ${count(preview.runCount, "run")}`;
}

/** What stands beside the button where it is all that is in view. */
function launchFacts({ preview, isCounting, errors }: Preview): string | null {
  if (errors.length > 0) return `${count(errors.length, "mistake")} to fix`;
  if (isCounting || !preview) return null;
  const time = preview.estimatedMs === null ? "" : `, ${roughly(preview.estimatedMs)}`;
  return `${count(preview.runCount, "run")}${time}`;
}

/**
 * What the document would do, asked of the server a moment after the last change, and the button that does it: never on a count of
 * a former text.
 */
export function PreviewPanel({
  read,
  preview: judged,
  preset,
  metrics,
  onLaunched,
}: {
  read: ReadSpec;
  preview: Preview;
  /** The preset that the document came from. */
  preset: string | null;
  metrics: readonly MetricInfo[];
  onLaunched: () => void;
}) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { isCounting, refused, errors } = judged;
  const preview = read.spec ? judged.preview : null;
  const current = read.value === null ? null : canonicalJson(read.value);
  // One key per document, so that a second press creates nothing twice.
  const { idempotencyKey } = useMemo(
    () => ({ document: current, idempotencyKey: crypto.randomUUID() }),
    [current],
  );
  const launch = useMutation({
    mutationFn: ({ body }: { body: unknown; document: string | null }) =>
      callApi(sweep, `/sweeps${preset ? `?preset=${encodeURIComponent(preset)}` : ""}`, {
        method: "POST",
        body,
        idempotencyKey,
      }),
    onSuccess: async (created) => {
      onLaunched();
      queryClient.setQueryData(["sweep", created.id], created);
      await queryClient.invalidateQueries({ queryKey: ["sweeps"] });
      await navigate({ to: "/sweeps/$sweepId", params: { sweepId: created.id } });
    },
  });
  const wrong = !read.spec || errors.length > 0;
  // Of the text that was sent, which may have changed since.
  const launchError =
    launch.error instanceof ApiError && launch.variables?.document === current ? launch.error : null;
  const press = () => {
    if (focusFirstWrong() || isCounting) return;
    if (refused) judged.askAgain();
    else if (!wrong) launch.mutate({ body: read.value, document: current });
  };
  return (
    <aside className={classes.preview} aria-label="Preview">
      <div aria-live="polite">
        {preview ? (
          <div className={isCounting ? classes.settling : undefined}>
            <Count preview={preview} />
            <Estimates preview={preview} metrics={metrics} />
          </div>
        ) : null}
        {!preview && read.spec && !refused ? <Placeholder height={104} label="Counting the runs" /> : null}
        {!read.spec ? <p className={classes.runCount}>Not launchable yet</p> : null}
        {refused ? (
          <Warning>
            <ServerText text={refused.message} />
          </Warning>
        ) : null}
        <FieldErrors errors={errors} />
        {(preview?.warnings ?? []).map((warning) => (
          <Warning key={warning}>
            <IconAlertTriangle size={16} stroke={1.6} aria-hidden /> <span>{warning}</span>
          </Warning>
        ))}
      </div>
      <div className={classes.launch}>
        <p className={`${classes.launchCount} num`} aria-hidden>
          {launchFacts(judged)}
        </p>
        <Button
          fullWidth
          size="md"
          leftSection={isCounting ? <Loader size={16} color="currentColor" /> : <IconPlayerPlay size={18} />}
          // Not `disabled`: pressing it leads to the first mistake.
          aria-disabled={isCounting || (wrong && !refused)}
          data-disabled={isCounting || (wrong && !refused) || undefined}
          loading={launch.isPending}
          onClick={press}
        >
          {launchWords(judged, read.spec !== null)}
        </Button>
        {launchError ? (
          <div role="alert" className={classes.launchError}>
            <p>
              <strong>Not launched.</strong> <ServerText text={launchError.message} /> Nothing was created;
              pressing again is safe.
            </p>
            <FieldErrors errors={launchError.fieldErrors} />
          </div>
        ) : null}
      </div>
      {preview && preview.firstRuns.length > 0 ? <FirstRuns preview={preview} /> : null}
    </aside>
  );
}
