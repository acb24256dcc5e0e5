import {
  builtInTrainer,
  canonicalJson,
  externalTrainer,
  type Localization,
  type LocalizationList,
  type LocalizationRequest,
  meets,
  type Requirements,
  type Run,
  requirementWords,
} from "@reprise/contracts";
import {
  announcedTrainers,
  cancelLocalization,
  createLocalization,
  type Database,
  getEnvironment,
  getLocalization,
  getRun,
  listLocalizations,
  listWorkers,
  readLadder,
  requirementsOf,
} from "@reprise/database";
import { compareRungs } from "@reprise/study";
import { found, problem, transitioned } from "../http/problems.js";

type Pair = { run: Run; other: Run | null };

const codeKeys = ["code.files", "code.commit", "code.dirty"];

/** What to type for runs that Reprise has not started: their command line is known to whoever did. */
const commandOf = ({ run, other }: Pair) =>
  [
    "# your script and its arguments in place of train.py",
    `python -m reprise locate ${[run, ...(other ? [other] : [])].map(({ id }) => `--run ${id}`).join(" ")} train.py`,
  ].join("\n");

const isLogged = ({ run, other }: Pair) => [run, other].some((one) => one?.trainer === externalTrainer);

/** Why the two are not of one configuration; null where they are. */
function unlike({ run, other }: Pair): string | null {
  if (other === null) return null;
  if (run.id === other.id) return "Both are the same run: name another one, or none.";
  if (run.trainer !== other.trainer)
    return `One was trained by ${run.trainer}, the other by ${other.trainer}: two programs compute different things.`;
  const settings = ({ params, dataset }: Run) => canonicalJson({ params, dataset });
  return settings(run) === settings(other)
    ? null
    : "They have other hyperparameters or data: two configurations compute different things. Locate needs two runs of one configuration.";
}

/** Why no worker can do it, now or ever; null where one can. */
async function unoffered(db: Database, { run, other }: Pair): Promise<string | null> {
  const { trainer } = run;
  const announced = (await announcedTrainers(db)).find(({ capabilities }) => capabilities.name === trainer);
  if (announced && announced.capabilities.locate !== true)
    return `Trainer ${trainer} does not announce that it can be traced (capability locate): that takes a program in Python that computes with PyTorch and that its worker starts by the interpreter.`;
  const requires = await Promise.all(
    [run, ...(other ? [other] : [])].map(({ id }) => requirementsOf(db, id)),
  );
  const offers = (await listWorkers(db)).some(
    (worker) =>
      worker.status === "ready" &&
      worker.offers.some(({ name, locate }) => name === trainer && locate) &&
      requires.every((each) => meets(worker, each)),
  );
  return offers
    ? null
    : `No worker that can trace trainer ${trainer}${neededWords(requires)} is connected. Start one with \`reprise worker\`.`;
}

const neededWords = (requires: readonly Requirements[]) => {
  const words = [...new Set(requires.map((each) => requirementWords(each)).filter((each) => each !== ""))];
  return words.length === 0 ? "" : ` and has ${words.join(" and ")}`;
};

/** The first rung in which the recorded ladders part, and whether they reach a result. */
async function parting(db: Database, { run, other }: Pair) {
  if (other === null) return null;
  const [a, b] = await Promise.all([readLadder(db, run.id), readLadder(db, other.id)]);
  return compareRungs(a?.rungs ?? [], b?.rungs ?? []);
}

async function refusalOf(db: Database, pair: Pair): Promise<string | null> {
  const { run, other } = pair;
  const different = unlike(pair);
  if (different !== null) return different;
  if (isLogged(pair))
    return "Reprise has not started this program, so no worker knows its command line. Type the command where the program lies: the answer is kept with the run.";
  if (run.trainer === builtInTrainer)
    return "Reprise's own trainer needs no tracing: a verification names step, part and tensors in which two of its runs part.";
  const open = [run, ...(other ? [other] : [])].find(
    ({ status }) => status === "queued" || status === "running",
  );
  if (open) return `Run ${open.id} is ${open.status}: wait for its end.`;
  const compared = await parting(db, pair);
  if (compared && compared.firstDivergence === null && compared.reachesResult)
    return "Nothing parts: the two are equal at every rung that both recorded, to the result.";
  return unoffered(db, pair);
}

async function remarksOf(db: Database, { run, other }: Pair): Promise<string[]> {
  if (other === null) return [];
  const [a, b] = await Promise.all(
    [run, other].map(async ({ environmentId }) =>
      environmentId === null ? null : await getEnvironment(db, environmentId),
    ),
  );
  if (!a || !b) return [];
  const differing = codeKeys.filter(
    (key) => canonicalJson(a.values[key] ?? null) !== canonicalJson(b.values[key] ?? null),
  );
  return differing.length === 0
    ? []
    : [
        `The two were trained by different code (${differing.join(", ")}). Both are traced with the code that lies on the worker now: what that difference did is not seen here.`,
      ];
}

async function pairOf(db: Database, runId: string, otherId: string | undefined): Promise<Pair> {
  const run = found(await getRun(db, runId), "run", runId);
  return { run, other: otherId === undefined ? null : found(await getRun(db, otherId), "run", otherId) };
}

/** Localizations of a run, or of it and another, and whether one could be queued. @throws {ProblemError} for an unknown run */
export async function localizationsOf(
  db: Database,
  runId: string,
  otherId: string | undefined,
): Promise<LocalizationList> {
  const pair = await pairOf(db, runId, otherId);
  const [items, refusal] = await Promise.all([listLocalizations(db, runId, otherId), refusalOf(db, pair)]);
  return { items, refusal, command: isLogged(pair) && unlike(pair) === null ? commandOf(pair) : null };
}

/**
 * Queues two runs, or one twice, to be traced by a worker.
 *
 * @param traceparent of the request
 * @throws {ProblemError} where that could not find anything, or no connected worker could do it
 */
export async function requestLocalization(
  db: Database,
  runId: string,
  { other: otherId, tries }: LocalizationRequest,
  traceparent: string | null,
): Promise<Localization> {
  const pair = await pairOf(db, runId, otherId);
  const refusal = await refusalOf(db, pair);
  if (refusal !== null)
    throw problem("conflict", isLogged(pair) ? `${refusal}\n${commandOf(pair)}` : refusal);
  const { run, other } = pair;
  const areFixed = [run, other ?? run].every(({ execution }) => execution.algorithms === "deterministic");
  return transitioned(
    await createLocalization(db, {
      runId,
      otherRunId: other?.id ?? null,
      trainer: run.trainer,
      traceparent,
      tries: tries ?? (areFixed ? 1 : 3),
      recorded: (await parting(db, pair))?.firstDivergence ?? null,
      remarks: await remarksOf(db, pair),
    }),
  );
}

/** Cancels one that is open; one that has ended stays as it is. @throws {ProblemError} for an unknown one */
export async function stopLocalization(db: Database, id: string): Promise<Localization> {
  await cancelLocalization(db, id);
  return found(await getLocalization(db, id), "localization", id);
}
