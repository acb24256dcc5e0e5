import {
  type ConfigurationsAnalysis,
  formatLabels,
  type Run,
  type Sweep,
  type Verdict,
} from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { importedRunsQuery, missingCells, withoutSharedSeeds } from "../../shared/api/missing-cells.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { count } from "../../shared/format/numbers.js";
import { Section } from "../../shared/ui/section.js";
import { ErrorState, Placeholder } from "../../shared/ui/states.js";
import { VerdictLine } from "../../shared/ui/verdict-list.js";
import classes from "./imported-section.module.css";
import { useConfigurations } from "./use-metric-analyses.js";

/** Comparisons that are told; the table below has them all. */
const told = 5;
/** Fewer seeds than this say little about how far seeds scatter. */
const fewSeeds = 5;

/** What more would settle it: seeds by the comparison's own estimate, else more than there are. */
function needed(sweep: Sweep, analysis: ConfigurationsAnalysis | undefined, runs: readonly Run[]): string[] {
  const seeds = sweep.spec.seeds.length;
  const { comparisons = [] } = analysis ?? {};
  const open = comparisons.filter(({ rejected }) => rejected !== true);
  const more = Math.max(0, ...open.map(({ moreNeeded }) => moreNeeded ?? 0));
  const unmatched = analysis === undefined ? 0 : withoutSharedSeeds(analysis, runs);
  const repeats = Math.max(0, ...(sweep.spec.arms ?? []).map((arm) => arm.repeats));
  return [
    ...(more > 0
      ? [
          `${count(more, "more seed")} for each configuration: then a difference as large as the margin is found in four of five studies.`,
        ]
      : seeds < fewSeeds && (open.length > 0 || comparisons.length === 0)
        ? [
            `More seeds: ${seeds === 1 ? "there is one" : `there are ${seeds}`}, and how far seeds scatter is hardly known from fewer than ${fewSeeds}.`,
          ]
        : []),
    ...(unmatched > 0
      ? [
          `The same seeds for all configurations: ${count(unmatched, "comparison")} could not be made without them.`,
        ]
      : []),
    ...(repeats < 2
      ? [
          "Repeats of one seed: without them, what execution changes cannot be separated from what the seed changes.",
        ]
      : []),
  ];
}

function Lead({ sweep, metric }: { sweep: Sweep; metric: string | undefined }) {
  const configurations = useConfigurations(sweep.id, metric);
  const { data, error } = configurations;
  if (error) return <ErrorState error={error} onRetry={() => configurations.refetch()} />;
  if (!data) return <Placeholder height={120} label="Comparing configurations" />;
  // What is compared leads; that a run diverged is said after it, and again below.
  const isAside = ({ kind }: Verdict) => kind === "diverged" || kind === "unit";
  const lines = [
    ...data.verdicts.filter((verdict) => !isAside(verdict)),
    ...data.verdicts.filter(isAside),
  ].slice(0, told);
  return lines.length === 0 ? (
    <p className={classes.none}>
      {data.comparisons.length === 0 && data.baseline !== ""
        ? "There is one configuration: nothing to compare its seeds with."
        : "No run of this study has this metric."}
    </p>
  ) : (
    <ul className={classes.verdicts} aria-live="polite">
      {lines.map((verdict, index) => (
        <li key={verdict.sentence}>
          <VerdictLine verdict={verdict} weight={index === 0 ? "chief" : "plain"} />
        </li>
      ))}
    </ul>
  );
}

/** Offers to train what is missing, where a trainer of this server has the configuration's hyperparameters. */
function TrainMissing({ sweep }: { sweep: Sweep }) {
  const runs = useQuery(importedRunsQuery(sweep.id));
  const trainers = useQuery(trainersQuery);
  const missing = runs.data && trainers.data ? missingCells(sweep, runs.data, trainers.data) : null;
  if (!missing) return null;
  return (
    <p className={classes.ways}>
      {count(missing.cells, "combination")} of configuration, seed and arm{" "}
      {missing.cells === 1 ? "has" : "have"} no complete run.{" "}
      <Link to="/sweeps/new" search={{ from: sweep.id }}>
        Train what is missing
      </Link>{" "}
      with {missing.trainer}, as a study of its own.
    </p>
  );
}

/** Of a study whose runs another tracker recorded: the question that such runs can answer, and what they leave open. */
export function ImportedSection({ sweep, metric }: { sweep: Sweep; metric: string | undefined }) {
  const configurations = useConfigurations(sweep.id, metric);
  const runs = useQuery({ ...importedRunsQuery(sweep.id), enabled: sweep.origin !== undefined });
  const { origin } = sweep;
  if (!origin) return null;
  const { seed, arm, configuration } = origin.design;
  const more = needed(
    sweep,
    configurations.data,
    // Of a part of the runs, which seeds a configuration has is not known.
    runs.data?.nextCursor === null ? runs.data.items : [],
  );
  const parts = [
    seed === null ? "no seed is known" : `seed: ${seed}`,
    arm === null ? "one arm, whose execution is not known" : `arm: ${arm}`,
    configuration.length === 0 ? "one configuration" : `configuration: ${configuration.join(", ")}`,
  ];
  return (
    <Section
      title="Is this difference larger than your seeds?"
      lead={
        <>
          Read from {formatLabels[origin.format]} on {origin.at.slice(0, 10)} ({parts.join("; ")}). Everything
          is as the tracker reported it; Reprise observed none of it.
        </>
      }
    >
      <Lead sweep={sweep} metric={metric} />
      <div className={classes.open}>
        {more.length > 0 ? (
          <div>
            <h3>What would help</h3>
            <ul>
              {more.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p className={classes.ways}>
              <Link to="/import">Import</Link> these runs once you have them; they are added to this study.
            </p>
          </div>
        ) : null}
        <TrainMissing sweep={sweep} />
        <details>
          <summary>
            {count(origin.unbalanced.length + origin.unknowable.length, "thing")} that these runs cannot tell
          </summary>
          <ul>
            {[...origin.unbalanced, ...origin.unknowable].map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      </div>
    </Section>
  );
}
