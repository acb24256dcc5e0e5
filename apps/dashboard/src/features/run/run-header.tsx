import { Button, NativeSelect } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  type DigestSource,
  departureSentence,
  digestSource,
  type RunDetail,
  whereDiverged,
} from "@reprise/contracts";
import { IconInfoCircle, IconRefresh, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { z } from "zod";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import { callApi } from "../../shared/api/client.js";
import { stripQuery, sweepQuery } from "../../shared/api/sweep-queries.js";
import { significant } from "../../shared/format/numbers.js";
import { duration } from "../../shared/format/time.js";
import { LiveIndicator } from "../../shared/live/live-indicator.js";
import type { LiveState } from "../../shared/live/use-live-events.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { Absent } from "../../shared/ui/absent.js";
import { ConfirmButton } from "../../shared/ui/confirm-button.js";
import { Contradictions } from "../../shared/ui/contradictions.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";
import { Breadcrumb, useDocumentTitle } from "../../shared/ui/page-title.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import { Disclosures } from "./disclosures.js";
import { OriginSection } from "./origin-section.js";
import { RunFailure } from "./run-failure.js";
import classes from "./run-header.module.css";
import { RunProgress } from "./run-progress.js";
import { VerifyButtons } from "./verify-buttons.js";

/** "Adam 0.01 · seed 0 · free 3", as runs are called everywhere. */
function runTitle(run: RunDetail): string {
  return `${run.configurationLabel} · seed ${run.seed} · ${run.arm} ${run.repeat + 1}`;
}

function Actions({ run }: { run: RunDetail }) {
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (action: "cancel" | "retry") =>
      callApi(z.unknown(), `/runs/${run.id}/${action}`, { method: "POST" }),
    onSuccess: (_answer, action) =>
      notifications.show({
        message: action === "cancel" ? "The run is being stopped." : "Queued again as a new attempt.",
      }),
    onError: (error) => notifyRefused("Not done", error, "The run is as it was."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  if (run.status === "queued" || run.status === "running") {
    return (
      <ConfirmButton
        label="Cancel run"
        icon={<IconX size={14} />}
        question="Cancel this run?"
        consequence="It will be stopped and does not count in any analysis. Other runs of the sweep go on."
        confirmLabel="Cancel the run"
        loading={act.isPending}
        onConfirm={() => act.mutate("cancel")}
      />
    );
  }
  // A run that another tracker recorded cannot be trained anew here.
  return !run.origin && (run.status === "failed" || run.status === "cancelled") ? (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={14} />}
      loading={act.isPending}
      onClick={() => act.mutate("retry")}
    >
      Retry
    </Button>
  ) : null;
}

/** Whose digest of the final weights it is. */
const weightsWords: Record<DigestSource, string> = {
  trainer: "Final weights",
  observed: "Final weights, observed",
  reported: "Final weights, reported",
};

function CompareWith({ run, sweepId }: { run: RunDetail; sweepId: string }) {
  const strip = useQuery(stripQuery(sweepId));
  const navigate = useNavigate();
  const siblings = (strip.data ?? []).filter(
    (other) =>
      other.id !== run.id && other.configurationKey === run.configurationKey && other.seed === run.seed,
  );
  if (strip.data && siblings.length === 0) return null;
  return (
    <NativeSelect
      size="xs"
      w={150}
      disabled={strip.data === undefined}
      aria-label="Compare with another repeat"
      value=""
      data={[
        { value: "", label: "Compare with …" },
        ...siblings.map((other) => ({
          value: other.id,
          label: `${other.arm} ${other.repeat + 1}${other.digest ? (other.digest === run.digest ? ", equal digest" : ", other digest") : ` (${other.status})`}`,
        })),
      ]}
      onChange={(event) => {
        const otherId = event.currentTarget.value;
        if (otherId) void navigate({ to: "/runs/$runId/diff/$otherId", params: { runId: run.id, otherId } });
      }}
    />
  );
}

/** Contradictions of its study that this run is part of. */
function RunContradictions({ run }: { run: RunDetail }) {
  const { data } = useQuery({
    ...analysisQuery(run.sweepId ?? "", "determinism"),
    enabled: run.sweepId !== null && run.status === "succeeded",
  });
  const own = (data?.contradictions ?? []).filter(({ runIds }) => runIds.includes(run.id));
  return <Contradictions contradictions={own} />;
}

/** Who the run is, how it went, and its numbers for citing. */
export function RunHeader({ run, live }: { run: RunDetail; live: LiveState }) {
  const sweep = useQuery({ ...sweepQuery(run.sweepId ?? ""), enabled: run.sweepId !== null });
  const title = runTitle(run);
  useDocumentTitle(title);
  const crumbs = [
    { label: "Sweeps", to: "/" },
    ...(run.sweepId
      ? [{ label: sweep.data?.name ?? (sweep.isError ? "Sweep" : ""), to: `/sweeps/${run.sweepId}` }]
      : []),
  ];
  return (
    <>
      <Breadcrumb crumbs={crumbs} here={title} />
      <header className={classes.header}>
        <h1>{title}</h1>
        <Status status={run.status} diverged={whereDiverged(run)} />
        {run.prunedAtStep === null ? null : <span className="small dim">at step {run.prunedAtStep}</span>}
        {run.attempt > 1 ? <span className="small dim">attempt {run.attempt}</span> : null}
        <LiveIndicator state={live} />
        <div className={classes.actions}>
          {run.sweepId ? <CompareWith run={run} sweepId={run.sweepId} /> : null}
          <Actions run={run} />
          <VerifyButtons run={run} />
        </div>
      </header>
      <RunProgress run={run} />
      {run.origin ? <OriginSection origin={run.origin} /> : null}
      {run.diverged ? (
        <p className={classes.diverged} role="status">
          <strong>Training diverged:</strong> {whereDiverged(run)}. Values measured after that are outputs of
          a network whose weights are not finite: they enter no test and no claim of equality. Usual causes
          are a learning rate that is too large, or numbers that a shorter format cannot hold.
        </p>
      ) : null}
      {run.error ? (
        <RunFailure error={run.error} isImported={run.origin !== undefined && run.origin !== null} />
      ) : null}
      {run.departures > 0 ? (
        <div className={classes.error} role="alert">
          <p>
            <strong>Not run as requested.</strong>
          </p>
          {run.observed.map((setting) =>
            setting.departure ? (
              <p key={`${setting.name} ${setting.rank ?? 0}`}>{departureSentence(setting)}</p>
            ) : null,
          )}
        </div>
      ) : null}
      {run.sourceRunId ? (
        <p className={classes.note}>
          A repetition, in no analysis:{" "}
          <Link to="/runs/$runId" params={{ runId: run.sourceRunId }} search={{ view: "repeat" }}>
            the run that it repeats, with the verdict
          </Link>
        </p>
      ) : null}
      <RunContradictions run={run} />
      {run.excludedReason ? (
        <p className={classes.note}>Excluded from analyses: {run.excludedReason}</p>
      ) : null}
      <dl className={classes.facts}>
        <div>
          <dt>{run.digest === null ? "Final weights" : weightsWords[digestSource(run)]}</dt>
          <dd>
            <DigestChip digest={run.digest} copy />
          </dd>
        </div>
        <div>
          <dt>Mode</dt>
          <dd>{run.origin ? `${run.mode}, as claimed` : `${run.mode}, ${run.execution.order} order`}</dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd className="num">{duration(run.durationMs)}</dd>
        </div>
        <div>
          <dt>Reported at</dt>
          <dd className="num">
            {run.selectedEpoch === null ? (
              <Absent reason="no epoch was selected" />
            ) : (
              `epoch ${run.selectedEpoch}`
            )}
          </dd>
        </div>
        <div>
          <dt>Backend</dt>
          <dd>
            {run.origin ? (
              <Absent reason="nothing was seen of the backend" />
            ) : (
              (run.backendUsed ?? `${run.backendRequested} (requested)`)
            )}
          </dd>
        </div>
        <div>
          <dt>Worker</dt>
          <dd>{run.workerName ?? <Absent reason="no worker has taken the run" />}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{run.startedAt ? <When at={run.startedAt} /> : "not yet"}</dd>
        </div>
        {run.energy ? (
          <div>
            <dt>Energy</dt>
            <dd className="num" title={run.energy.method}>
              {significant(run.energy.kWh * 1000)} Wh, {significant(run.energy.gCO2e)} g CO₂e
            </dd>
          </div>
        ) : null}
      </dl>
      <Disclosures
        label="What the trainer discloses"
        lines={run.disclosures}
        folded
        icon={<IconInfoCircle size={15} stroke={1.6} aria-hidden />}
      />
    </>
  );
}
