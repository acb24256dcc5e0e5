import type { Detectable, MetricInfo, PlanEstimates, SweepPreview } from "@reprise/contracts";
import { count, metricDifference, shortLabel, significant } from "../../shared/format/numbers.js";
import { roughly } from "../../shared/format/time.js";
import classes from "./plan-estimates.module.css";

const basis = { configuration: "these configurations", model: "the same model, by epochs" };

function timeWords(preview: SweepPreview, estimates: PlanEstimates): string {
  if (estimates.slots === 0) return "No worker can take these runs now: they will wait for one.";
  const workers = `${count(estimates.slots)} at a time`;
  if (preview.estimatedMs === null) return `No estimate: nothing comparable has run here yet (${workers}).`;
  return `${roughly(preview.estimatedMs)}, ${workers}`;
}

function Shift({ found, metric }: { found: Detectable; metric: MetricInfo | undefined }) {
  const inSd = `${found.shiftInSd.toFixed(1)} SD`;
  const inUnit = found.shift === null ? null : metricDifference(found.shift, metric?.unit ?? "");
  const where = found.seeds === 1 ? "at one seed" : `shared by ${count(found.seeds)} seeds`;
  return (
    <li>
      With {count(found.repeats, "repeat")} you can detect a shift of{" "}
      <strong className="num">{found.sd ? inUnit : inSd}</strong> {where}
      {found.sd ? <span className="dim"> ({inSd})</span> : null}
    </li>
  );
}

function powerBasis([first]: readonly Detectable[], metric: MetricInfo | undefined): string {
  if (!first) return "";
  const level = `${Math.round(first.power * 100)} % power at α = ${first.alpha}, one test.`;
  if (first.sd === null)
    return `${level} In standard deviations between repeats: no former run tells how large that is.`;
  const whose = first.sdLikeness ? basis[first.sdLikeness] : "";
  if (first.sd === 0)
    return `${level} The ${count(first.sdRuns)} former repeats of ${whose} did not differ in this metric, so it is told in standard deviations.`;
  return `${level} SD ${metricDifference(first.sd, metric?.unit ?? "")} between repeats of one configuration and seed, pooled over all of them (${count(first.sdRuns, "former repeat")} of ${whose}): a configuration that varies more than others needs a larger shift.`;
}

/** What the plan costs, what it could show, and who would train it. */
export function Estimates({ preview, metrics }: { preview: SweepPreview; metrics: readonly MetricInfo[] }) {
  const { estimates } = preview;
  if (!estimates) return null;
  const { detectable, kWh, gCO2e, likeness, formerRuns, workers, runsAhead } = estimates;
  const metric = metrics.find(({ key }) => key === detectable[0]?.metric);
  return (
    <dl className={classes.estimates}>
      <div>
        <dt>Time</dt>
        <dd>
          {timeWords(preview, estimates)}
          {likeness ? (
            <span className={classes.basis}>
              from {count(formerRuns, "former run")} of {basis[likeness]}
            </span>
          ) : null}
        </dd>
      </div>
      {kWh === null ? null : (
        <div>
          <dt>Energy</dt>
          <dd className="num">
            {significant(kWh * 1000, 2)} Wh{gCO2e === null ? "" : `, ${significant(gCO2e, 2)} g CO₂e`}
          </dd>
        </div>
      )}
      <div>
        <dt>Workers</dt>
        <dd>
          {workers.length === 0 ? "none ready" : `${workers.join(", ")} ready`}
          {runsAhead === 0 ? ", queue empty" : `, behind ${count(runsAhead, "run")}`}
        </dd>
      </div>
      {detectable.length > 0 ? (
        <div>
          <dt>Power on {shortLabel(metric?.label ?? detectable[0]?.metric ?? "", detectable[0]?.metric)}</dt>
          <dd>
            <ul>
              {detectable.map((found) => (
                <Shift key={`${found.arm} ${found.seeds}`} found={found} metric={metric} />
              ))}
            </ul>
            <span className={classes.basis}>{powerBasis(detectable, metric)}</span>
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
