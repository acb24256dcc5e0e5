import type { ImportDecisions, ImportFacts, ImportProposal, ProposedColumn } from "@reprise/contracts";
import { type ChosenColumns, chooseColumns, columnsWith } from "./chosen-columns.js";
import { type Column, countedValues, groupedBy } from "./columns.js";
import { cellsOfPlaced, equalCellsOf, type Placed, placeRuns } from "./place-runs.js";
import { primaryMetric } from "./primary-metric.js";
import { questionsOf, unbalancedOf, unknowableOf, warningsOf } from "./questions.js";

/** Values of a column that a proposal lists. */
const listed = 20;

function described(
  column: Column,
  role: ProposedColumn["role"],
  because: string,
  of: string | null,
): ProposedColumn {
  const values = countedValues(column);
  const { name, from } = column;
  return { name, from, role, because, of, distinct: values.length, values: values.slice(0, listed) };
}

function columnsOfProposal({ seed, arm, roles }: ChosenColumns): ProposedColumn[] {
  return [
    ...(seed ? [described(seed.column, "seed", seed.because, null)] : []),
    ...(arm ? [described(arm.column, "arm", arm.because, null)] : []),
    ...[...roles].map(([column, own]) =>
      described(column, own.role, own.because, own.role === "bound" ? own.of : null),
    ),
  ];
}

function armsOfProposal({ arms, placements }: Placed, { arm }: ChosenColumns): ImportProposal["arms"] {
  return arms.map(({ name, deterministic, value }) => {
    const { repeated, equal } = equalCellsOf(placements, name);
    return {
      ...{ name, deterministic, repeatedCells: repeated, equalCells: equal },
      value: arm && value !== "absent" ? JSON.parse(value) : null,
    };
  });
}

function commitsOf(runs: ImportFacts["runs"]): ImportProposal["commits"] {
  const counts = groupedBy(
    runs.flatMap(({ gitCommit }) => gitCommit ?? []),
    (commit) => commit,
  );
  return [...counts].map(([commit, own]) => ({ commit, runs: own.length }));
}

/** What a proposal was made by: for whoever writes the runs. */
export type InferredDesign = { proposal: ImportProposal; chosen: ChosenColumns; placed: Placed };

/**
 * Proposes the design that runs of another tracker were made by: which column is the seed, which says how a run was executed,
 * which are the configuration, which say only where and when. Nothing is decided: what is not clear is asked, what cannot be known
 * is said. An arm is never read from a run's name, runs with equal names stay apart, and means over groups are no runs.
 *
 * @param facts all runs that were read
 * @param decisions answers so far; the proposal follows them
 * @throws UnknownColumnError for a decision about a column that is not there
 */
export function inferDesign(facts: ImportFacts, decisions: ImportDecisions = {}): InferredDesign {
  const { runs } = facts;
  const chosen = chooseColumns(facts, decisions);
  const placed = placeRuns(runs, chosen, decisions);
  const cells = cellsOfPlaced(placed.placements);
  const names = (role: "configuration" | "constant" | "nuisance" | "repeat") =>
    columnsWith(chosen, role).map(({ name }) => name);
  const metric = primaryMetric(runs, decisions);
  const arms = armsOfProposal(placed, chosen);
  const commits = commitsOf(runs);
  const places = new Map(placed.placements.map((placement) => [placement.row, placement]));
  const proposal: ImportProposal = {
    seed: chosen.seed?.column.name ?? null,
    arm: chosen.arm?.column.name ?? null,
    configuration: names("configuration"),
    constant: names("constant"),
    nuisance: [...names("nuisance"), ...names("repeat")],
    bound: Object.fromEntries(
      [...chosen.roles].flatMap(([column, own]) => (own.role === "bound" ? [[column.name, own.of]] : [])),
    ),
    repeats: runs.some(({ startedAt }) => startedAt !== null) ? "by start" : "as read",
    metric,
    columns: columnsOfProposal(chosen),
    available: chosen.all.map(({ name }) => name),
    ...{ arms, cells, commits },
    runs: runs.map(({ source, name, status, doubtful }, row) => {
      const place = places.get(row);
      return {
        ...{ sourceId: source.id, name, status },
        ...(place
          ? {
              ...{ configuration: place.label, arm: place.arm, repeat: place.repeat, leftOut: place.leftOut },
              seed: place.seedKnown ? place.seed : null,
            }
          : { configuration: null, seed: null, arm: null, repeat: null, leftOut: doubtful }),
      };
    }),
    unbalanced: unbalancedOf(placed, cells),
    unknowable: unknowableOf(chosen, facts, placed),
    questions: questionsOf(chosen, facts, { arms, commits, metric }),
    warnings: warningsOf(chosen, facts),
  };
  return { proposal, chosen, placed };
}
