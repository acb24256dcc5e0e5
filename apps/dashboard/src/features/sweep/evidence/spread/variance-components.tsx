import type { VarianceComponents } from "@reprise/contracts";
import {
  finiteOrNull,
  metricDifference,
  pValue,
  share,
  significant,
} from "../../../../shared/format/numbers.js";
import { Note } from "../../../../shared/ui/note.js";
import classes from "./variance-components.module.css";

/** How the components were estimated: cells of equal size by mean squares, others by likelihood. */
const methodWords: Record<VarianceComponents["method"], string> = {
  anova: "mean squares (ANOVA) of a balanced design",
  reml: "restricted maximum likelihood (REML), because cells differ in size",
};

export function ShareOfSources({ row, unit }: { row: VarianceComponents; unit: string }) {
  if (row.reason !== null)
    return (
      <Note>
        {row.arm}: {row.reason}
      </Note>
    );
  const seed = finiteOrNull(row.seedShare) ?? 0;
  const [seedWords, rest] = row.isolated ? ["seed", "execution"] : ["requested seed", "repeats"];
  return (
    <div className={classes.block}>
      <h3>
        {row.arm}: {seedWords} {share(row.seedShare)}, {rest} {share(1 - seed)} of a single run's variance
      </h3>
      <div className={classes.share} aria-hidden>
        <span style={{ width: `${seed * 100}%`, background: "#56B4E9", color: "#131518" }}>seed</span>
        <span style={{ width: `${(1 - seed) * 100}%`, background: "#D55E00", color: "#131518" }}>{rest}</span>
      </div>
      <Note>
        {row.seedShareInterval.low === null
          ? "With so few seeds the share cannot be bounded. "
          : `95 % interval of the share: ${share(row.seedShareInterval.low)} to ${share(row.seedShareInterval.high)}. `}
        SD between seeds {metricDifference(row.sdSeed, unit)}, between repeats{" "}
        {metricDifference(row.sdRepeat, unit)}; {row.configurations} configurations ×{" "}
        {row.method === "reml" ? "up to " : ""}
        {row.seeds} seeds × {row.method === "reml" ? "up to " : ""}
        {row.repeats} repeats, {row.runs} runs. Estimated by {methodWords[row.method]}.
        {row.configurationF === null
          ? ""
          : ` Do configurations differ beyond that? F(${row.configurationDf.join(", ")}) = ${significant(finiteOrNull(row.configurationF) ?? Number.NaN)}, ${pValue(row.configurationP)}.`}
        {row.truncated ? " The estimate of the seed's share is negative and is shown as 0." : ""}
      </Note>
    </div>
  );
}
