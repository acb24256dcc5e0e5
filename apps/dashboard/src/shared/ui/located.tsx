import { Button, Group } from "@mantine/core";
import type { KeptDivergence, Localization } from "@reprise/contracts";
import { IconZoomScan } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { localizationsQuery, useLocalization } from "../api/localization-queries.js";
import { runEvidenceQuery } from "../api/run-queries.js";
import { count } from "../format/numbers.js";
import { DivergentOperationTable } from "./divergent-operation.js";
import classes from "./located.module.css";
import { QueryView } from "./query-view.js";
import { ServerText } from "./server-text.js";
import { Snippet } from "./snippet.js";
import { When } from "./when.js";

type Found = Pick<KeptDivergence, "steps" | "tries" | "parted" | "from"> & { at: string };

/** Whether what was found was found of just these runs. */
const isOf = ({ runIds }: KeptDivergence, ids: readonly string[]) =>
  new Set(runIds).size === ids.length && ids.every((id) => runIds.includes(id));

/** The latest answer: a worker's, or one that somebody got on the command line and kept with the run. */
function latest(items: readonly Localization[], kept: KeptDivergence | null): Found | null {
  const item = items.find(({ result }) => result !== null);
  const ofWorker =
    item?.result && item.endedAt ? { ...item.result, from: item.from, at: item.endedAt } : null;
  const typed = kept && { ...kept, at: kept.locatedAt };
  return !ofWorker || (typed && typed.at > ofWorker.at) ? typed : ofWorker;
}

function fromWords({ from }: Pick<Found, "from">): string {
  if (from === null) return "Both began at the start.";
  if (from.why !== null) return `Both began at the start. ${from.why}`;
  return `Both went on from their checkpoints after step ${from.step} (epoch ${from.epoch}).`;
}

function recordedWords({ recorded }: Pick<Localization, "recorded">): string {
  if (recorded === null) return "";
  if (recorded.kind === "step" || recorded.kind === "epoch")
    return ` The recorded ladders first differ at ${recorded.kind} ${recorded.position}.`;
  return " The recorded ladders differ before any step or in the result alone.";
}

function Result({ found, item }: { found: Found; item: Localization | undefined }) {
  const { parted, steps, tries } = found;
  const how = `Two fresh processes, every operation of PyTorch traced. ${fromWords(found)}${item ? recordedWords(item) : ""}`;
  return (
    <>
      <p className={classes.sentence}>
        {parted === null
          ? `They did not part in ${count(steps, "step")}, ${tries === 1 ? "one try" : `${tries} tries`}. Tracing is slower, which can hide a race between threads.`
          : parted.sentence}
      </p>
      {parted === null ? null : <DivergentOperationTable parted={parted} />}
      <p className="small dim">
        {how} Located <When at={found.at} />
        {item?.workerName ? ` on ${item.workerName}` : ""}.
      </p>
      {item?.remarks.map((remark) => (
        <p key={remark} className="small">
          {remark}
        </p>
      ))}
    </>
  );
}

function Pending({ item }: { item: Localization }) {
  const { status, progress, from, tries, workerName } = item;
  if (status === "queued")
    return <p role="status">Waiting for a worker that can trace it and has a device free.</p>;
  return (
    <p role="status">
      {workerName} trains both side by side.{" "}
      {progress === null
        ? "No step is compared yet."
        : `${count((from?.step ?? 0) + progress.steps, "step")} ${from?.step ? "behind them" : "equal"} so far${tries > 1 ? `, try ${progress.attempt} of ${tries}` : ""}.`}
      {recordedWords(item)}
    </p>
  );
}

/**
 * In which operation a run and another of its configuration part, or two trainings of one run: the answer, how far the
 * search is, or the button that begins it. `nothingYet` says what would be done.
 */
export function Located({
  runId,
  otherId,
  nothingYet,
}: {
  runId: string;
  otherId: string | null;
  nothingYet: ReactNode;
}) {
  const list = useQuery(localizationsQuery(runId, otherId));
  const ids = [runId, ...(otherId === null ? [] : [otherId])];
  const evidence = useQuery({
    ...runEvidenceQuery(runId),
    // Who types the command sees the answer here.
    refetchInterval: list.data?.command ? 5_000 : false,
  });
  const { locate, cancel } = useLocalization(runId, otherId);
  const kept = evidence.data?.divergence ?? null;
  return (
    <QueryView query={list} height={80} label="Loading what was located">
      {({ items, refusal, command }) => {
        const own = otherId === null ? items.filter(({ otherRunId }) => otherRunId === null) : items;
        const [newest] = own;
        const isOpen = newest?.status === "queued" || newest?.status === "running";
        const found = latest(own, kept && (otherId === null || isOf(kept, ids)) ? kept : null);
        const item = own.find(({ result, endedAt }) => result !== null && endedAt === found?.at);
        const button = (label: string) => (
          <Group>
            <Button
              size="xs"
              variant={found ? "default" : "filled"}
              leftSection={<IconZoomScan size={14} />}
              loading={locate.isPending}
              onClick={() => locate.mutate()}
            >
              {label}
            </Button>
          </Group>
        );
        return (
          <div className={classes.located}>
            {isOpen && newest ? (
              <>
                <Pending item={newest} />
                <Group>
                  <Button
                    size="xs"
                    variant="default"
                    loading={cancel.isPending}
                    onClick={() => cancel.mutate(newest.id)}
                  >
                    Cancel
                  </Button>
                </Group>
              </>
            ) : null}
            {newest?.status === "failed" ? (
              <div role="alert">
                <p className={classes.sentence}>It could not be located.</p>
                <pre className={classes.reason}>{newest.explanation}</pre>
              </div>
            ) : null}
            {newest?.status === "cancelled" ? <p className="dim">The last search was cancelled.</p> : null}
            {found && !isOpen ? <Result found={found} item={item} /> : null}
            {!found && !isOpen && newest?.status !== "failed" && refusal === null ? (
              <p className={classes.sentence}>{nothingYet}</p>
            ) : null}
            {isOpen ? null : refusal === null ? (
              button(found || newest ? "Locate again" : "Locate")
            ) : (
              <p className={found ? "small dim" : classes.sentence}>
                {command === null ? `It cannot be located${found ? " again" : ""} now. ` : ""}
                <ServerText text={refusal} />
              </p>
            )}
            {command === null || isOpen ? null : <Snippet title="Locate" text={command} />}
          </div>
        );
      }}
    </QueryView>
  );
}
