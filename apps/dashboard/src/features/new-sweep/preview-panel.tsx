import { Button } from "@mantine/core";
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
import { usePreview } from "./use-preview.js";
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

/** What the document would do, asked of the server a moment after the last change, and the button that does it. */
export function PreviewPanel({
  read,
  preset,
  metrics,
}: {
  read: ReadSpec;
  /** The preset that the document came from. */
  preset: string | null;
  metrics: readonly MetricInfo[];
}) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { preview, refused, errors } = usePreview(read);
  const current = read.value === null ? null : canonicalJson(read.value);
  // One key per document, so that a second press creates nothing twice.
  const { idempotencyKey } = useMemo(
    () => ({ document: current, idempotencyKey: crypto.randomUUID() }),
    [current],
  );
  const launch = useMutation({
    mutationFn: () =>
      callApi(sweep, `/sweeps${preset ? `?preset=${encodeURIComponent(preset)}` : ""}`, {
        method: "POST",
        body: read.value,
        idempotencyKey,
      }),
    onSuccess: async (created) => {
      queryClient.setQueryData(["sweep", created.id], created);
      await queryClient.invalidateQueries({ queryKey: ["sweeps"] });
      await navigate({ to: "/sweeps/$sweepId", params: { sweepId: created.id } });
    },
  });
  const wrong = !read.spec || errors.length > 0;
  const launchError = launch.error instanceof ApiError ? launch.error : null;
  return (
    <aside className={classes.preview} aria-label="Preview">
      <div aria-live="polite">
        {preview.data && read.spec ? (
          <div className={preview.isPlaceholderData ? classes.settling : undefined}>
            <Count preview={preview.data} />
            <Estimates preview={preview.data} metrics={metrics} />
          </div>
        ) : null}
        {!preview.data && read.spec && !refused ? (
          <Placeholder height={104} label="Counting the runs" />
        ) : null}
        {!read.spec ? <p className={classes.runCount}>Not launchable yet</p> : null}
        {refused ? (
          <Warning>
            <ServerText text={refused.message} />
          </Warning>
        ) : null}
        <FieldErrors errors={errors} />
        {((read.spec && preview.data?.warnings) || []).map((warning) => (
          <Warning key={warning}>
            <IconAlertTriangle size={16} stroke={1.6} aria-hidden /> <span>{warning}</span>
          </Warning>
        ))}
      </div>
      <div className={classes.launch}>
        <p className={`${classes.launchCount} num`} aria-hidden>
          {wrong
            ? `${count(errors.length, "mistake")} to fix`
            : preview.data
              ? `${count(preview.data.runCount, "run")}${preview.data.estimatedMs === null ? "" : `, ${roughly(preview.data.estimatedMs)}`}`
              : null}
        </p>
        <Button
          fullWidth
          size="md"
          leftSection={<IconPlayerPlay size={18} />}
          // Not `disabled`: pressing it leads to the first mistake.
          aria-disabled={wrong}
          data-disabled={wrong || undefined}
          loading={launch.isPending}
          onClick={() => {
            if (!focusFirstWrong() && !wrong) launch.mutate();
          }}
        >
          Launch{preview.data && read.spec ? ` ${count(preview.data.runCount, "run")}` : ""}
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
      {preview.data && read.spec && preview.data.firstRuns.length > 0 ? (
        <FirstRuns preview={preview.data} />
      ) : null}
    </aside>
  );
}
