import {
  boundsOf,
  looksOf,
  type Run,
  type SequentialAnalysis,
  type SequentialLook,
  type SequentialPoint,
  type SequentialQuestion,
  type SequentialRecord,
  type SweepSpec,
  seedsOf,
} from "@reprise/contracts";
import { hasDeparted } from "../../claims/departures.js";
import { countRuns } from "../../design/sweep-design.js";
import { cellsOf } from "../cells.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  type SortedRuns,
  sortRuns,
} from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, tableOf } from "../table.js";
import { counted } from "../words.js";
import { pathOf } from "./sequential-path.js";
import { type PlannedQuestion, plannedQuestions } from "./sequential-questions.js";
import { boundsWords, sequentialVerdict } from "./sequential-words.js";
import { settingsOf } from "./significance-tests.js";

/** Seeds, from the first, whose runs are all there and have ended. */
function seedsTrained(spec: SweepSpec, runs: readonly Run[]): number {
  const own = runs.filter(({ purpose }) => purpose === "study");
  const seeds = seedsOf(spec);
  const unfinished = seeds.findIndex((seed) => {
    const of = own.filter((run) => run.seed === seed);
    return of.length === 0 || of.some(({ status }) => status === "queued" || status === "running");
  });
  return unfinished < 0 ? seeds.length : unfinished;
}

/** The first look that settled a question, as it was written down. */
function recordedOf(record: SequentialRecord | null, question: string): SequentialQuestion["recorded"] {
  for (const { at, seeds, questions } of record?.looks ?? []) {
    const found = questions.find((one) => one.question === question);
    if (found?.claim) return { claim: found.claim, seeds, n: found.n, at };
  }
  return null;
}

type Row = SequentialPoint & { question: string };

const tableRows = (questions: readonly SequentialQuestion[]): Row[] =>
  questions.flatMap(({ question, path }) => path.map((point) => ({ question, ...point })));

const tableTitle = ({ label }: MetricWords) =>
  `Seed by seed, with the error controlled over all looks: ${label}`;

const tableOfPaths = (questions: readonly SequentialQuestion[], metric: MetricWords) =>
  tableOf<Row>(
    tableTitle(metric),
    [
      column("question", "Question", null, "What is compared", (row) => row.question),
      column("seeds", "Seeds", null, "Seeds trained so far", (row) => row.seeds),
      column("seed", "Seed", null, "The last of them", (row) => row.seed),
      column("n", "n", null, "Seeds with a result on both sides", (row) => row.n),
      column(
        "seedDifference",
        "At this seed",
        null,
        "Difference, in the metric's own unit",
        (row) => row.difference,
      ),
      column("estimate", "Mean", null, "Mean difference over the seeds so far", (row) => row.estimate),
      column(
        "sequentialLow",
        "Low",
        null,
        "Its interval over all looks, lower end",
        (row) => row.interval.low,
      ),
      column("sequentialHigh", "High", null, "Its upper end", (row) => row.interval.high),
      column(
        "oneSidedLow",
        "Low, one side",
        null,
        "Lower bound that equivalence is read from",
        (row) => row.oneSided.low,
      ),
      column(
        "oneSidedHigh",
        "High, one side",
        null,
        "Upper bound that equivalence is read from",
        (row) => row.oneSided.high,
      ),
      column("eValue", "e", null, "e-value against no difference", (row) => row.eValue),
      column("look", "Look", null, "Whether the study looked here", (row) => row.look),
      column("claim", "Shows", null, "What this look shows", (row) => row.claim ?? ""),
      column("reason", "Remark", null, "Why a seed has no difference", (row) => row.missing),
    ],
    tableRows(questions),
  );

/** Whether what is recorded is still what the runs of now show. */
function changedNotes(questions: readonly SequentialQuestion[], record: SequentialRecord | null): string[] {
  return questions
    .flatMap(({ question, recorded, settled }) => {
      if (!recorded || recorded.seeds === settled?.seeds) return [];
      return [
        `${question}: settled on ${recorded.at.slice(0, 10)} after ${counted(recorded.seeds, "seed")}, as recorded. Runs have since been excluded or trained again; with the current runs it ${settled ? `would have been settled after ${counted(settled.seeds, "seed")}` : "would not have been settled"}. The record is not changed.`,
      ];
    })
    .concat(
      record?.end?.why === "failed"
        ? ["The study stopped because no run of its last block had a result that could be used."]
        : [],
    );
}

function questionOf(
  planned: PlannedQuestion,
  path: SequentialPoint[],
  record: SequentialRecord | null,
): Omit<SequentialQuestion, "verdict"> {
  const { differences: _, ...named } = planned;
  const first = path.find(({ claim }) => claim !== null);
  const settled = first?.claim ? { claim: first.claim, seeds: first.seeds, n: first.n } : null;
  return { ...named, path, settled, recorded: recordedOf(record, planned.question) };
}

/**
 * The planned questions of a sequential study after every seed: mean paired difference, its bounds with error held over all
 * looks (and, by Bonferroni, over all questions), and what each look shows. Pairs are seeds: what is found holds for new seeds,
 * as far as their differences are draws of one normal distribution. A study of fixed size has no rows.
 */
export function sequentialAnalysis(input: AnalysisInput): SequentialAnalysis {
  const { spec, sequential: record = null } = input.sweep;
  const { design, analysisPlan } = spec;
  const metric = describeMetric(
    design && analysisPlan ? analysisPlan.primaryMetric : chooseMetric(input),
    input,
  );
  const sorted: SortedRuns = sortRuns(input.runs, metric);
  const trained = design ? seedsTrained(spec, input.runs) : 0;
  const planned = design
    ? plannedQuestions(cellsOf(spec, [...sorted.used, ...sorted.departed], metric.key), spec)
    : [];
  const alpha = settingsOf(spec).alpha / Math.max(1, planned.length);
  const margin = analysisPlan?.margin[metric.key] ?? null;
  const questions = planned.map((one): SequentialQuestion => {
    const path = design
      ? pathOf(one.differences, { design, alpha, margin, trained, metricLabel: metric.label })
      : [];
    const bare = questionOf(one, path, record);
    return { ...bare, verdict: sequentialVerdict(bare, { metric, design, margin, alpha, trained, record }) };
  });
  const own = input.runs.filter(({ purpose }) => purpose === "study");
  return {
    analysis: "sequential",
    provenance: provenanceOf(input, metric, sorted, {
      planned: planned.some(({ contrast }) => isPlanned(input, metric.key, contrast)),
      method: design
        ? `One paired difference per seed at the selected epoch, repeats averaged. ${boundsWords(design)}`
        : "A study of fixed size: its runs were queued at once.",
      correction:
        planned.length > 1
          ? `Error ${Number((100 * settingsOf(spec).alpha).toPrecision(2))} % over all looks and ${planned.length} questions: each has its share (Bonferroni).`
          : "Error held over all looks; one question.",
    }),
    verdicts: questions.map(({ verdict }) => verdict),
    notes: design ? [...changedNotes(questions, record), ...runNotesOf(sorted, metric)] : [],
    table: tableOfPaths(questions, metric),
    bounds: design ? boundsOf(design) : null,
    settle: design?.settle ?? [],
    margin,
    alpha,
    looks: design ? looksOf(design) : [],
    maxSeeds: design?.maxSeeds ?? spec.seeds.length,
    seedsTrained: trained,
    runsTrained: own.filter(({ status }) => status !== "queued" && status !== "running").length,
    runsAtMost: design ? Number(countRuns(spec)) : own.length,
    continuedFrom: design?.continuedFrom ?? null,
    questions,
    record,
  };
}

/** Seeds of later blocks are added by plan, not after a look that nobody planned. */
const runNotesOf = (sorted: SortedRuns, metric: MetricWords) =>
  runNotes({ sorted, metric }).filter((line) => !line.includes("added after the first results"));

export type LookTaken = {
  look: Omit<SequentialLook, "at">;
  /** Why the study ends with this look; null where it goes on. */
  why: NonNullable<SequentialRecord["end"]>["why"] | null;
  /** Place of the look to train for next, from 0. */
  next: number | null;
};

/** What a study writes down at a look that it has reached, and what comes next. */
export function lookTaken(answer: SequentialAnalysis, runs: readonly Run[]): LookTaken {
  const { looks, seedsTrained: trained, questions, record, maxSeeds } = answer;
  const own = runs.filter(({ purpose }) => purpose === "study");
  const lastSeed = own.toSorted((a, b) => b.position - a.position)[0]?.seed;
  const lastBlock = own.filter(({ seed }) => seed === lastSeed);
  const atLook = questions.map(({ question, path }) => {
    const point = path.at(-1);
    return {
      question,
      n: point?.n ?? 0,
      estimate: point?.estimate ?? null,
      low: point?.interval.low ?? null,
      high: point?.interval.high ?? null,
      claim: point?.claim ?? null,
    };
  });
  const isSettled = questions.every(({ recorded, path }) => recorded !== null || path.at(-1)?.claim != null);
  const next = looks.findIndex((seeds) => seeds > trained);
  const nothing =
    lastBlock.length > 0 && lastBlock.every((run) => run.status !== "succeeded" || hasDeparted(run));
  const why =
    questions.length > 0 && isSettled
      ? "settled"
      : trained >= maxSeeds || next < 0
        ? "maximum"
        : nothing
          ? "failed"
          : null;
  return {
    look: {
      look: (record?.looks.length ?? 0) + 1,
      seeds: trained,
      runsWithoutResult: own.filter(({ status }) => status === "failed" || status === "cancelled").length,
      runsExcluded: own.filter(({ excludedReason }) => excludedReason !== null).length,
      questions: atLook,
    },
    why,
    next: why === null ? next : null,
  };
}
