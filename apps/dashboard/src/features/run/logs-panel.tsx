import { NativeSelect, Switch, TextInput } from "@mantine/core";
import { type LogLine, type RunDetail, runLogs } from "@reprise/contracts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { absolute } from "../../shared/format/time.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState } from "../../shared/ui/states.js";
import classes from "./logs-panel.module.css";

const pageSize = 5000;

type Log = { lines: readonly LogLine[]; removedAt: string | null };

/** Reads on from the last line that is known, so that following a long log stays cheap. */
async function readOn(
  queryClient: QueryClient,
  runId: string,
  attempt: number,
  signal: AbortSignal,
): Promise<Log> {
  const known = queryClient.getQueryData<Log>(["run", runId, "logs", attempt]);
  const lines = [...(known?.lines ?? [])];
  for (;;) {
    const after = lines.at(-1)?.line ?? -1;
    const page = await callApi(
      runLogs,
      `/runs/${runId}/logs?attempt=${attempt}&after=${after}&limit=${pageSize}`,
      { signal },
    );
    lines.push(...page.items);
    if (page.items.length < pageSize) return { lines, removedAt: page.removedAt };
  }
}

function Lines({
  lines,
  follow,
  onFollow,
}: {
  lines: readonly LogLine[];
  follow: boolean;
  onFollow: (on: boolean) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 20,
    overscan: 20,
  });
  useEffect(() => {
    if (follow && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follow, lines.length, virtual]);
  return (
    <ScrollRegion
      ref={scroller}
      className={classes.scroller}
      label="Log lines"
      onWheel={(event) => {
        if (event.deltaY < 0 && follow) onFollow(false);
      }}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={classes.line}
              data-stream={line.stream}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <span className={classes.number}>{line.line + 1}</span>
              <span className={classes.stream} title={absolute(line.at)}>
                {line.stream}
              </span>
              <span className={classes.text}>{line.text}</span>
            </div>
          );
        })}
      </div>
    </ScrollRegion>
  );
}

/** What the trainer and the worker wrote; follows the end until the reader scrolls up. */
export function LogsPanel({
  run,
  attempt,
  onAttempt,
}: {
  run: RunDetail;
  /** The last one where none is named. */
  attempt: number | undefined;
  onAttempt: (attempt: number) => void;
}) {
  const queryClient = useQueryClient();
  const [wanted, setWanted] = useState("");
  const [follow, setFollow] = useState(run.status === "running" || run.status === "failed");
  const shownAttempt = attempt ?? Math.max(1, run.attempt);
  const query = useQuery({
    queryKey: ["run", run.id, "logs", shownAttempt],
    queryFn: ({ signal }) => readOn(queryClient, run.id, shownAttempt, signal),
    enabled: run.attempt > 0,
  });
  if (run.attempt === 0) {
    return <EmptyState title="No log yet.">It begins when a worker takes the run from the queue.</EmptyState>;
  }
  const all = query.data?.lines ?? [];
  const matching =
    wanted === "" ? all : all.filter((line) => line.text.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Section
      title="What did it say?"
      lead={
        wanted === ""
          ? count(all.length, "line")
          : `${count(matching.length)} of ${count(all.length, "line")}`
      }
      aside={
        <>
          <Switch
            size="xs"
            label="Follow"
            checked={follow}
            onChange={(event) => setFollow(event.currentTarget.checked)}
          />
          {run.attempts.length > 1 ? (
            <NativeSelect
              size="xs"
              aria-label="Attempt"
              value={String(shownAttempt)}
              data={run.attempts.map(({ number }) => ({ value: String(number), label: `attempt ${number}` }))}
              onChange={(event) => onAttempt(Number(event.currentTarget.value))}
            />
          ) : null}
          <TextInput
            size="xs"
            aria-label="Search the log"
            placeholder="Search"
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        </>
      }
    >
      <QueryView query={query} height={480} label="Loading the log">
        {({ removedAt }) =>
          all.length === 0 ? (
            removedAt === null ? (
              <EmptyState title="Nothing was written.">
                Trainer and worker wrote nothing in this attempt.
              </EmptyState>
            ) : (
              <EmptyState title="The log is no longer kept.">
                It was removed on {absolute(removedAt)}, because the server keeps logs for a time only.
                Results and digests are kept.
              </EmptyState>
            )
          ) : (
            <Lines lines={matching} follow={follow && wanted === ""} onFollow={setFollow} />
          )
        }
      </QueryView>
    </Section>
  );
}
