import { NativeSelect } from "@mantine/core";
import type { RunDetail, SystemMetrics } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { Panel, Panels } from "../../shared/charts/panels.js";
import { memorySize } from "../../shared/format/bytes.js";
import { capitalized, count, processorShare } from "../../shared/format/numbers.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import { Disclosures } from "./disclosures.js";
import { runSystemQuery } from "./queries.js";
import { gpuFrame, machineFrame, type SystemFrame, timeAxis, trainerFrame } from "./system-frames.js";

function Frame({ frame, system, name }: { frame: SystemFrame; system: SystemMetrics; name: string }) {
  const axis = timeAxis(system.wallTimes);
  return (
    <ChartFrame title={frame.title} lead={frame.lead} name={name} data={frame.data}>
      <Panels atLeast={340}>
        {frame.panels.map(({ title, yLabel, unit, values, top }) => (
          <Panel key={title} title={capitalized(title)}>
            <Suspense fallback={<Placeholder height={200} label="Loading the chart" />}>
              <LinePanel
                name={`${title} over wall time; the same figures are in the data table`}
                lines={[{ key: title, label: title, color: "var(--ink-2)", steps: axis.times, values }]}
                unit={unit}
                yLabel={yLabel}
                xLabel={axis.label}
                domain={[0, top]}
                height={200}
              />
            </Suspense>
          </Panel>
        ))}
      </Panels>
    </ChartFrame>
  );
}

function leadOf({ peakResidentMemoryBytes, meanCpuPercent, processors }: SystemMetrics): string {
  const facts = [
    meanCpuPercent === null ? null : `${processorShare(meanCpuPercent)} busy on average`,
    processors === null ? null : `of ${count(processors)} that the machine has`,
    peakResidentMemoryBytes === null ? null : `${memorySize(peakResidentMemoryBytes)} of memory at the peak`,
  ].filter((fact) => fact !== null);
  return `${facts.join(", ")}. All processes of the trainer together, sampled every two seconds.`;
}

function nothingSampled(run: RunDetail): string {
  if (run.status === "queued") return "Sampling begins when a worker starts its trainer.";
  if (run.status === "running")
    return "The first sample is taken a quarter of a second after the trainer starts.";
  return "It ended before the first sample, was trained or archived elsewhere, or is older than this measurement.";
}

/** What an attempt asked of its machine. It describes the execution only and takes no part in any analysis. */
export function SystemPanel({
  run,
  attempt,
  onAttempt,
}: {
  run: RunDetail;
  /** The last one where none is named. */
  attempt: number | undefined;
  onAttempt: (attempt: number) => void;
}) {
  const system = useQuery({ ...runSystemQuery(run.id, attempt ?? null), placeholderData: keepPreviousData });
  return (
    <>
      {run.attempts.length > 1 ? (
        <NativeSelect
          size="xs"
          mt="md"
          label="Attempt"
          w={160}
          value={String(attempt ?? run.attempt)}
          data={run.attempts.map(({ number }) => String(number))}
          onChange={(event) => onAttempt(Number(event.currentTarget.value))}
        />
      ) : null}
      <QueryView query={system} height={480} label="Loading the system metrics">
        {(data) => {
          if (data.wallTimes.length === 0) {
            return <EmptyState title="Nothing was sampled.">{nothingSampled(run)}</EmptyState>;
          }
          const trainer = trainerFrame(data);
          return (
            <>
              {trainer ? (
                <Frame
                  frame={{ ...trainer, lead: leadOf(data) }}
                  system={data}
                  name={`run ${run.id} trainer`}
                />
              ) : null}
              {data.gpus.map((gpu) => {
                const frame = gpuFrame(data, gpu);
                return frame ? (
                  <Frame
                    key={gpu.index}
                    frame={frame}
                    system={data}
                    name={`run ${run.id} gpu ${gpu.index}`}
                  />
                ) : null;
              })}
              <Frame frame={machineFrame(data)} system={data} name={`run ${run.id} machine`} />
              <Disclosures label="What could not be read" lines={data.notes} />
            </>
          );
        }}
      </QueryView>
    </>
  );
}
