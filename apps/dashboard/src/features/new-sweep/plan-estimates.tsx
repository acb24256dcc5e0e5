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
  const { contrast, shiftInSd, seeds, repeats } = found;
  const inSd = `${shiftInSd.toFixed(1)} SD`;
  const inUnit = found.shift === null ? null : metricDifference(found.shift, metric?.unit ?? "");
  const size = (
    <>
      <strong className="num">{found.sd ? inUnit : inSd}</strong>
      {found.sd ? <span className="dim"> ({inSd})</span> : null}
    </>
  );
  if (contrast === "configuration")
    return (
      <li>
        With {count(seeds, "seed")} you can detect a difference of {size} between two configurations
      </li>
    );
  if (contrast === "seed")
    return (
      <li>
        With {count(seeds, "seed")} of {count(repeats, "repeat")} you can detect that seeds differ, if their
        SD is at least <strong className="num">{shiftInSd.toFixed(1)} times</strong> that of execution
      </li>
    );
  return (
    <li>
      With {count(repeats, "repeat")} you can detect a shift of {size}{" "}
      {seeds === 1 ? "at one seed" : `shared by ${count(seeds, "seed")}`}
    </li>
  );
}

const spreads: Record<Detectable["contrast"], string> = {
  mode: "between repeats of one configuration and seed",
  configuration: "between differences of two configurations at one seed",
  seed: "between repeats of one configuration and seed",
};

/** Where the SDs come from, once for each kind of them. */
function powerBasis(all: readonly Detectable[], metric: MetricInfo | undefined): string[] {
  const [first] = all;
  if (!first) return [];
  const level = `${Math.round(first.power * 100)} % power at α = ${first.alpha}, one test.`;
  const kinds = [...new Map(all.map((found) => [spreads[found.contrast], found])).values()];
  const bases = kinds.map(({ contrast, sd, sdRuns, sdLikeness }) => {
    const between = spreads[contrast];
    if (sd === null) return `In standard deviations ${between}: no earlier run shows how large that is.`;
    const whose = sdLikeness ? basis[sdLikeness] : "";
    if (sd === 0)
      return `The ${count(sdRuns)} earlier runs of ${whose} did not differ in this metric, so it is given in standard deviations.`;
    const more =
      contrast === "mode" ? ": a configuration that varies more than others needs a larger shift" : "";
    return `SD ${metricDifference(sd, metric?.unit ?? "")} ${between}, pooled over all of them (${count(sdRuns, "earlier run")} of ${whose})${more}.`;
  });
  return [level, ...bases];
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
              from {count(formerRuns, "earlier run")} of {basis[likeness]}
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
                <Shift key={`${found.contrast} ${found.arm} ${found.seeds}`} found={found} metric={metric} />
              ))}
            </ul>
            <span className={classes.basis}>{powerBasis(detectable, metric).join(" ")}</span>
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
