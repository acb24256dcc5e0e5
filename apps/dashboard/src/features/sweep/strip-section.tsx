import { SegmentedControl, Switch } from "@mantine/core";
import type { StripRun, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { DigestStrip } from "../../shared/charts/digest-strip.js";
import { Legend, line } from "../../shared/charts/legend.js";
import { digestHues } from "../../shared/marks/digest-marks.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { useArmMarks } from "./use-arm-marks.js";

function dataOf(runs: readonly StripRun[]): ChartData {
  return {
    columns: ["configuration", "seed", "arm", "repeat", "status", "digest", "diverged at", "departures"],
    rows: runs.map((run) => [
      ...[run.configurationLabel, run.seed, run.arm, run.repeat, run.status, run.digest],
      run.diverged && `${run.diverged.key}${run.diverged.step === null ? "" : `, step ${run.diverged.step}`}`,
      run.departures,
    ]),
  };
}

const square = (fill: string, more: { stroke?: string; cut?: string } = {}) => (
  <>
    <rect x="3" y="1" width="12" height="12" rx="2.5" fill={fill} stroke={more.stroke} />
    {more.cut ? <path d={more.cut} stroke="var(--mantine-color-body)" strokeWidth="1.4" /> : null}
  </>
);

const legend = [
  { mark: square(digestHues[7]), text: "plain: its digest is shared with another run of the row" },
  {
    mark: square(digestHues[1], { cut: "M3 7 L9 1 M4 12 L14 2 M9 13 L15 7" }),
    text: "textured: alone in its row",
  },
  { mark: square("none", { stroke: "var(--rule-strong)" }), text: "queued" },
  { mark: square("var(--rule-strong)", { stroke: "var(--ink-2)" }), text: "running" },
  {
    mark: (
      <>
        {square("var(--bad-soft)", { stroke: "var(--bad)" })}
        <path d="M6 4 L12 10 M12 4 L6 10" stroke="var(--bad)" strokeWidth="1.5" />
      </>
    ),
    text: "failed",
  },
  {
    mark: (
      <>
        {square("var(--attention-soft)", { stroke: "var(--attention)" })}
        <path
          d="M5.500 10 H8 Q10.500 10 11 7 L12 3.500"
          fill="none"
          stroke="var(--attention)"
          strokeWidth="1.5"
        />
      </>
    ),
    text: "diverged: its weights are compared with no others",
  },
];

const departed = {
  mark: (
    <>
      {square("none", { stroke: "var(--rule-strong)" })}
      <path d="M8.500 1 H15 V7.500 Z" fill="var(--bad)" />
    </>
  ),
  text: "red corner: did not run as requested",
};

export type StripView = "" | "dense" | "roomy";

/** More rows than these do not fit into one screen. */
const denseFrom = 24;

/** The signature view of a sweep. */
export function StripSection({
  sweep,
  view,
  onView,
}: {
  sweep: Sweep;
  /** As the address asks; by the number of rows where it does not. */
  view: StripView;
  onView: (view: StripView) => void;
}) {
  const marks = useArmMarks(sweep);
  const strip = useQuery(stripQuery(sweep.id));
  const navigate = useNavigate();
  const router = useRouter();
  const [pairing, setPairing] = useState(false);
  const [first, setFirst] = useState<string | null>(null);
  // The router takes a while over an address, and these differ in one word.
  const hrefOf = useMemo(() => {
    const { href } = router.buildLocation({ to: "/runs/$runId", params: { runId: "RUN" } });
    return (runId: string) => href.replace("RUN", runId);
  }, [router]);
  const open = useCallback(
    (runId: string) => {
      if (!pairing) void navigate({ to: "/runs/$runId", params: { runId } });
      else if (first === null) setFirst(runId);
      else if (first === runId) setFirst(null);
      else void navigate({ to: "/runs/$runId/diff/$otherId", params: { runId: first, otherId: runId } });
    },
    [navigate, pairing, first],
  );
  const data = useMemo(() => dataOf(strip.data ?? []), [strip.data]);
  const cells = new Set(strip.data?.map(({ configurationKey, seed }) => `${configurationKey} ${seed}`)).size;
  const isDense = view === "" ? cells > denseFrom : view === "dense";
  const hasDeparted = strip.data?.some(({ departures }) => departures > 0) ?? false;
  return (
    <ChartFrame
      title="Which runs are bit-identical?"
      lead="One square per repeat, coloured by the digest of its final weights. In a row, equal colour and pattern mean equal bits."
      name={`${sweep.name} digests`}
      data={data}
      legend={
        <Legend
          items={[
            ...legend,
            ...(hasDeparted ? [departed] : []),
            // Where arms have no columns of their own, a line under each square says whose it is.
            ...(isDense
              ? marks.map(({ color, name }) => ({ mark: line(color), text: `underlined: ${name}` }))
              : []),
          ]}
        />
      }
      controls={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Rows of the strip"
            value={isDense ? "dense" : "roomy"}
            data={[
              { value: "roomy", label: "A row per seed" },
              { value: "dense", label: "Dense" },
            ]}
            onChange={(value) => onView(value === "dense" ? "dense" : "roomy")}
          />
          <Switch
            size="xs"
            label={pairing ? (first ? "Pick the second run" : "Pick the first run") : "Pick two to compare"}
            checked={pairing}
            onChange={(event) => {
              setPairing(event.currentTarget.checked);
              setFirst(null);
            }}
          />
        </>
      }
    >
      <QueryView query={strip} height={320} label="Loading the digest strip">
        {(runs) => (
          <DigestStrip
            runs={runs}
            arms={marks}
            hrefOf={hrefOf}
            onOpen={open}
            chosen={first}
            dense={isDense}
          />
        )}
      </QueryView>
    </ChartFrame>
  );
}
