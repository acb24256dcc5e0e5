import type { ImportFacts, ImportProposal, ImportQuestion } from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import type { ChosenColumns } from "./chosen-columns.js";
import { columnsWith } from "./chosen-columns.js";
import { shownValue } from "./column-roles.js";
import { countedValues, distinctOf } from "./columns.js";
import { isComplete, type Placed } from "./place-runs.js";

const valuesWords = (values: readonly { value: unknown }[], most = 5) => {
  const shown = values.slice(0, most).map(({ value }) => shownValue(value as never));
  return `${shown.join(", ")}${values.length > most ? ` and ${values.length - most} more` : ""}`;
};

function seedQuestion({ seed, all }: ChosenColumns): ImportQuestion {
  const others = seed && seed.others.length > 0 ? ` ${joinWords(seed.others)} could be one as well.` : "";
  return {
    id: "seed",
    question: "Which column is the seed, and what does it decide?",
    proposed: seed
      ? `${seed.column.name} (${valuesWords(countedValues(seed.column))}). ${seed.because}${others} It is taken to decide initial weights, order of the data, augmentation, dropout and split.`
      : `None: of ${counted(all.length, "column")} none has the name or the values of a seed. Without one, runs of a configuration are repeats whose seeds are not known.`,
  };
}

function armQuestion({ arm }: ChosenColumns, arms: ImportProposal["arms"]): ImportQuestion {
  const words = arms.map(({ name, deterministic, value, repeatedCells, equalCells }) => {
    const claim = deterministic ? "claims to be deterministic" : "claims nothing";
    const proof =
      repeatedCells === 0
        ? "and no cell of it was repeated"
        : `and in ${equalCells} of ${counted(repeatedCells, "repeated cell")} all logged values are equal`;
    return `${name}${arm ? ` (${shownValue(value)})` : ""} ${claim}, ${proof}`;
  });
  return {
    id: "arm",
    question: "Which column says how a run was executed, and is a deterministic execution claimed or shown?",
    proposed: arm
      ? `${arm.column.name}: ${words.join("; ")}. Equal values as logged are not equal weights.`
      : `None: no parameter or tag says it, and names of runs are not asked. All runs are one arm: ${words.join("; ")}.`,
  };
}

function configurationQuestion(chosen: ChosenColumns): ImportQuestion {
  const columns = columnsWith(chosen, "configuration");
  const bound = columnsWith(chosen, "bound").map(({ name }) => name);
  const nuisance = columnsWith(chosen, "nuisance").map(({ name }) => name);
  const list = columns.map((column) => `${column.name} (${valuesWords(countedValues(column), 3)})`);
  return {
    id: "configuration",
    question: "Which parameters are the configuration?",
    proposed: [
      columns.length === 0 ? "None varies: all runs are one configuration." : `${joinWords(list)}.`,
      bound.length > 0 ? `${joinWords(bound)} follow from these.` : "",
      nuisance.length > 0 ? `Not settings: ${joinWords(nuisance)}.` : "",
    ]
      .filter((part) => part !== "")
      .join(" "),
  };
}

function runsQuestion({ runs }: Pick<ImportFacts, "runs">): ImportQuestion | null {
  const failed = runs.filter(({ status }) => status === "failed").length;
  const stopped = runs.filter(({ status }) => ["killed", "crashed"].includes(status)).length;
  const pruned = runs.filter(({ status }) => status === "pruned").length;
  const running = runs.filter(({ status }) => status === "running").length;
  const doubtful = runs.filter(
    (run) => run.doubtful !== null && (run.status === "finished" || run.status === "unknown"),
  );
  const broken = runs.filter(({ metrics }) => Object.values(metrics).some(({ finite }) => !finite)).length;
  const parts = [
    ...(failed > 0 ? [`${counted(failed, "run")} failed`] : []),
    ...(stopped > 0 ? [`${stopped} stopped early`] : []),
    ...(pruned > 0 ? [`${pruned} pruned for their values, which have no result`] : []),
    ...(running > 0 ? [`${running} without an end`] : []),
    ...(doubtful.length > 0
      ? [`${doubtful.length} doubtful, with fewer epochs than others or no record of an end`]
      : []),
    ...(broken > 0 ? [`${broken} with values that are not numbers`] : []),
  ];
  if (parts.length === 0) return null;
  return {
    id: "runs",
    question: "What of runs that failed, did not finish or diverged?",
    proposed: `${joinWords(parts)}. All are read in and stay visible. Failed, stopped and doubtful ones are in no analysis; those that diverged are counted as such.`,
  };
}

function metricQuestion({ metric }: Pick<ImportProposal, "metric">): ImportQuestion {
  const direction = metric?.direction === "minimize" ? "smaller is better" : "larger is better";
  return {
    id: "metric",
    question: "By which metric is the study judged, in which direction, at the last epoch or the best one?",
    proposed: metric
      ? `${metric.name}, ${metric.direction === null ? "direction not known: say it" : direction}, ${metric.at === "best" ? "the best value" : "the last value"}.`
      : "No complete run has a metric.",
  };
}

function commitQuestion(commits: ImportProposal["commits"]): ImportQuestion | null {
  if (commits.length < 2) return null;
  return {
    id: "commits",
    question: "Are runs of several commits one study?",
    proposed: `One study of ${counted(commits.length, "commit")} (${commits.map(({ commit, runs }) => `${commit.slice(0, 8)}: ${runs}`).join(", ")}). What the code changed between them cannot be separated from what the configuration changed.`,
  };
}

/** At most five questions, each with what is proposed: runs of several commits are asked about instead of runs that did not end, which have a safe answer. */
export function questionsOf(
  chosen: ChosenColumns,
  facts: Pick<ImportFacts, "runs">,
  proposal: Pick<ImportProposal, "arms" | "commits" | "metric">,
): ImportQuestion[] {
  const commits = commitQuestion(proposal.commits);
  return [
    seedQuestion(chosen),
    armQuestion(chosen, proposal.arms),
    configurationQuestion(chosen),
    commits ?? runsQuestion(facts),
    metricQuestion(proposal),
  ].flatMap((question) => question ?? []);
}

/** What of the design is uneven, in sentences. */
export function unbalancedOf({ placements }: Placed, cells: ImportProposal["cells"]): string[] {
  const arms = [...new Set(placements.map(({ arm }) => arm))];
  const configurations = [...new Set(placements.map(({ label }) => label))];
  const perArm = arms.flatMap((arm) => {
    const own = cells.filter((cell) => cell.arm === arm);
    const seeds = [...new Set(own.map(({ seed }) => seed))];
    const ran = new Set(own.map(({ configuration }) => configuration));
    const missing = [...ran].length * seeds.length - own.length;
    const sizes = [...new Set(own.map(({ complete }) => complete))].toSorted((a, b) => a - b);
    const without = configurations.filter((label) => !ran.has(label));
    return [
      ...(without.length > 0
        ? [
            `Arm ${arm} has no run of ${joinWords(without.slice(0, 4))}${without.length > 4 ? ` and ${without.length - 4} more` : ""}.`,
          ]
        : []),
      ...(missing > 0
        ? [
            `Arm ${arm} lacks ${missing} of ${ran.size * seeds.length} combinations of configuration and seed.`,
          ]
        : []),
      ...(sizes.length > 1 ? [`Cells of arm ${arm} have ${sizes[0]} to ${sizes.at(-1)} complete runs.`] : []),
    ];
  });
  const single = cells.filter(({ complete }) => complete === 1).length;
  return [
    ...perArm,
    ...(single === cells.length && cells.length > 0
      ? ["No cell was repeated: what execution alone changes cannot be separated from what the seed changes."]
      : []),
  ];
}

/** What the source does not hold, and what therefore nobody can know from it. */
export function unknowableOf(
  chosen: ChosenColumns,
  { runs }: Pick<ImportFacts, "runs">,
  { unplaced }: Placed,
): string[] {
  const has = (test: (run: ImportFacts["runs"][number]) => boolean) => runs.some(test);
  const told = (isMissing: boolean, sentence: string) => (isMissing ? [sentence] : []);
  const { seed, arm } = chosen;
  const tables = [...new Set(runs.flatMap((run) => run.tables))];
  return [
    ...told(!seed, "The seed of a run is not recorded."),
    ...told(
      seed?.column.from === "name",
      "The seed is given only in the runs' names; it is not known whether the program used it.",
    ),
    ...told(!arm, "How a run was executed, deterministic or not, is not recorded."),
    ...told(
      !has(({ params }) => Object.keys(params).length > 0),
      "Parameters are not recorded; configurations are distinguished by the runs' names.",
    ),
    ...told(
      !has(({ status }) => status !== "unknown"),
      "Whether a run finished or failed is not recorded: a run counts as finished where it has as many epochs as the others.",
    ),
    ...told(
      !has(({ startedAt }) => startedAt !== null),
      "When a run started is not recorded: repeats are numbered in the order in which they were read.",
    ),
    ...told(!has(({ gitCommit }) => gitCommit !== null), "The version of the code is not recorded."),
    ...told(
      has(({ isFloat32 }) => isFloat32),
      "Values were stored in single precision (seven digits): smaller differences are lost, and runs may look equal that were not.",
    ),
    ...told(
      tables.length > 0,
      `Tables of cases (${joinWords(tables.slice(0, 3))}${tables.length > 3 ? ` and ${tables.length - 3} more` : ""}) are not imported: which cases changed between runs cannot be said.`,
    ),
    ...told(
      unplaced.length > 0,
      `${counted(unplaced.length, "run")} could not be placed, because parameters or seed are not recorded: ${joinWords(unplaced.slice(0, 3).map(({ name }) => name))}${unplaced.length > 3 ? ` and ${unplaced.length - 3} more` : ""}.`,
    ),
    "Weights were not seen: runs are equal as logged at most, never shown to be equal to the bit.",
  ];
}

/** Remarks on what is proposed that need no answer. */
export function warningsOf(
  chosen: ChosenColumns,
  { runs, warnings }: Pick<ImportFacts, "runs" | "warnings">,
): string[] {
  const { seed } = chosen;
  const isOne = seed !== null && distinctOf(seed.column) === 1;
  const complete = runs.filter(isComplete).length;
  return [
    ...(isOne ? ["All runs have one seed: how far seeds scatter cannot be said."] : []),
    ...(complete === 0 ? ["No run is complete: nothing can be judged."] : []),
    ...warnings.map(({ file, reason }) => `${file}: ${reason}`),
  ];
}
