import {
  countLadders,
  type Database,
  environmentsById,
  firstPredictions,
  readEmbeddings,
  readMetricsOfRuns,
  readProbes,
  readQuestionPredictions,
  readRunEvidence,
  replicasForAnalysis,
} from "@reprise/database";
import {
  type AgreementInput,
  type AnalysisInput,
  chooseMetric,
  type DecisionCurveInput,
  type EnergyInput,
  listReferences,
  runsWithOneDigest,
  type SimilarityInput,
} from "@reprise/study";

/** A study with what any analysis may read beside its runs. */
export type ReadInput = AnalysisInput & AgreementInput & DecisionCurveInput & EnergyInput & SimilarityInput;

/** What several analyses of a study read alike, beside its runs. */
export type SharedReadings = { questions: () => ReturnType<typeof readQuestionPredictions> };

/** Reads each at most once, when it is first needed. */
export function sharedReadings(db: Database, input: AnalysisInput): SharedReadings {
  let questions: ReturnType<typeof readQuestionPredictions> | undefined;
  return {
    questions: () => (questions ??= readQuestionPredictions(db, idsOfEnded(input), "test")),
  };
}

type Reader = (db: Database, input: AnalysisInput, shared: SharedReadings) => Promise<Partial<ReadInput>>;

const idsOfEnded = ({ runs }: AnalysisInput) =>
  runs.filter(({ status }) => status === "succeeded").map(({ id }) => id);

/** One run that has succeeded of every configuration and arm. */
const oneOfEachGroup = ({ runs }: AnalysisInput) => [
  ...new Map(
    runs
      .filter(({ status }) => status === "succeeded")
      .map(({ id, configurationKey, arm }) => [`${configurationKey} ${arm}`, id]),
  ).values(),
];

const readers = {
  /** On the test split. */
  predictions: async (_db, _input, shared) => ({ predictions: firstPredictions(await shared.questions()) }),
  /** Predictions for the classes of the data set, and those for zero-shot questions. */
  questions: async (_db, _input, shared) => {
    const questions = new Map(await shared.questions());
    const predictions = questions.get("");
    questions.delete("");
    const references = questions.size > 0 ? listReferences() : [];
    return { questions, references, ...(predictions ? { predictions } : {}) };
  },
  /** What must agree between runs, and where they ran. */
  evidence: async (db, { runs }) => {
    const alike = runsWithOneDigest(runs).map((group) => group.map(({ id }) => id));
    const ended = runs.filter(({ status }) => status === "succeeded");
    const named = [...new Set(ended.flatMap(({ environmentId }) => environmentId ?? []))];
    const [evidence, environments] = await Promise.all([
      readRunEvidence(
        db,
        ended.map(({ id }) => id),
        alike,
      ),
      environmentsById(db, named),
    ]);
    return { evidence, environments };
  },
  /** Histories of the metric, those of running runs included. */
  series: async (db, input) => {
    const started = input.runs.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id);
    return { series: await readMetricsOfRuns(db, started, chooseMetric(input)) };
  },
  ladders: async (db, input) => ({ ladders: await countLadders(db, oneOfEachGroup(input)) }),
  embeddings: async (db, input) => ({ embeddings: await readEmbeddings(db, idsOfEnded(input)) }),
  probes: async (db, input) => {
    const { probes, leftOut } = await readProbes(db, idsOfEnded(input));
    return { probes, probeEpochsLeftOut: leftOut };
  },
  /** Verifications and replays included. */
  allRuns: async (db, input) => ({
    allRuns: [...input.runs, ...(await replicasForAnalysis(db, input.sweep.id))],
  }),
} satisfies Record<string, Reader>;

/** What an analysis reads beside the runs of its study. */
export type Need = keyof typeof readers;

export async function withReadings(
  db: Database,
  input: AnalysisInput,
  shared: SharedReadings,
  needs: readonly Need[],
): Promise<ReadInput> {
  const read: ReadInput = { ...input };
  await Promise.all(needs.map(async (need) => Object.assign(read, await readers[need](db, input, shared))));
  return read;
}
