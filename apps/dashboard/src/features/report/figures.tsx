import { armsOf, type Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import { DigestStrip } from "../../shared/charts/digest-strip.js";
import { DistributionChart } from "../../shared/charts/distribution-chart.js";
import { DistributionLegend, predictionBandWords } from "../../shared/charts/distribution-legend.js";
import { capitalized, shortLabel } from "../../shared/format/numbers.js";
import { armMarks } from "../../shared/marks/arm-marks.js";
import { Placeholder } from "../../shared/ui/states.js";
import classes from "./figures.module.css";

/** A drawing with its caption, as papers have it: never torn apart, never wider than a page. */
function Figure({ number, caption, children }: { number: number; caption: string; children: ReactNode }) {
  return (
    <figure className={classes.figure}>
      {children}
      <figcaption>
        <strong>Figure {number}.</strong> {caption}
      </figcaption>
    </figure>
  );
}

/** So many rows of squares fit a page; more stand closer, a line per configuration. */
const roomyRows = 24;

const alike =
  "One square per run, coloured by the digest of its final weights; in a row, equal colour and pattern mean equal bits.";

/** What is seen at a glance: which runs are equal to the bit, and where the values lie. */
export function Figures({
  sweepId,
  sweep,
  metric,
}: {
  sweepId: string;
  sweep: Sweep | undefined;
  metric: string | undefined;
}) {
  const navigate = useNavigate();
  const strip = useQuery(stripQuery(sweepId)).data;
  const determinism = useQuery(analysisQuery(sweepId, "determinism", metric)).data;
  const marks = useMemo(() => (sweep ? armMarks(armsOf(sweep.spec)) : []), [sweep]);
  if (!sweep || !strip || !determinism) return <Placeholder height={520} label="Drawing the figures" />;
  const { metricLabel, metricUnit, metric: key } = determinism.provenance;
  const label = shortLabel(metricLabel, key);
  const rowCount = new Set(strip.map(({ configurationKey, seed }) => `${configurationKey} ${seed}`)).size;
  const hasBands = marks.some(({ kind }) => kind !== "deterministic");
  const hasValues = determinism.rows.some(
    ({ deterministic, others: arms }) => deterministic || arms.length > 0,
  );
  return (
    <div className={classes.figures}>
      <Figure number={1} caption={alike}>
        <DigestStrip
          runs={strip}
          arms={marks}
          hrefOf={(runId) => `/runs/${runId}`}
          onOpen={(runId) => void navigate({ to: "/runs/$runId", params: { runId } })}
          dense={rowCount > roomyRows}
          whole
        />
      </Figure>
      {hasValues ? (
        <Figure
          number={2}
          caption={`${capitalized(label)} of every run${hasBands ? `; ${predictionBandWords}` : ""}.`}
        >
          <DistributionLegend arms={marks} />
          <DistributionChart
            rows={determinism.rows}
            arms={marks}
            metric={{ label, unit: metricUnit, direction: null, chance: null }}
          />
        </Figure>
      ) : null}
    </div>
  );
}
