import {
  type CaptureGap,
  captureGap,
  execution,
  extendSettings,
  isOtherwise,
  noise,
  type Observation,
  observation,
  observedSetting,
  parameters,
  type RunObservations,
  settingsOf,
  stretchesOf,
} from "@reprise/contracts";
import { z } from "zod";
import type { Database, Sql } from "../connect.js";
import { storable } from "../storable.js";

const looks = z.array(observation);
const settings = z.array(observedSetting);
const gaps = z.array(captureGap);

type Reader = Pick<Sql, "observationChunk">;

/** All looks at settings of a run's process, in the order of reporting. */
export async function observationsOfRun(sql: Reader, runId: string): Promise<Observation[]> {
  const chunks = await sql.observationChunk.findMany({
    where: { runId },
    orderBy: [{ attempt: "asc" }, { batch: "asc" }],
  });
  return chunks.flatMap(({ observations }) => looks.parse(observations));
}

const asked = {
  trainer: true,
  workerId: true,
  params: true,
  execution: true,
  seed: true,
  noise: true,
  observed: true,
  departures: true,
} as const;

/** As the worker of a run says of its trainer; undefined where there is none, or it is forgotten. */
async function startsAhead(
  sql: Sql,
  run: { trainer: string; workerId: string | null },
): Promise<boolean | undefined> {
  if (run.workerId === null) return undefined;
  const [said] = await sql.$queryRaw<Array<{ startsAhead: boolean }>>`
    SELECT COALESCE((c ->> 'startsAhead')::boolean, false) AS "startsAhead"
    FROM workers w, jsonb_array_elements(w.capabilities) c
    WHERE w.id = ${run.workerId}::uuid AND c ->> 'name' = ${run.trainer}`;
  return said?.startsAhead;
}

/**
 * Sums up what was observed of a run: `further` looks beside the former ones, or, without them, all that are stored.
 *
 * @returns whether more or fewer settings depart than before
 */
export async function summarizeObservations(
  sql: Sql,
  runId: string,
  further?: readonly Observation[],
): Promise<boolean> {
  const row = await sql.run.findUniqueOrThrow({ where: { id: runId }, select: asked });
  const run = {
    trainer: row.trainer,
    startsAhead: await startsAhead(sql, row),
    execution: execution.parse(row.execution),
    seed: Number(row.seed),
    noise: noise.parse(row.noise),
    params: parameters.parse(row.params),
  };
  const extended = further ? extendSettings(run, settings.parse(row.observed), further) : null;
  const observed = extended ?? settingsOf(run, await observationsOfRun(sql, runId));
  const departures = observed.filter(isOtherwise).length;
  await sql.run.update({ where: { id: runId }, data: { observed: storable(observed), departures } });
  return departures !== row.departures;
}

/** Writes looks of one batch, and carries their summary on at the run. @returns whether that changed its departures */
export async function writeObservations(
  sql: Sql,
  place: { runId: string; attempt: number; batch: number },
  observations: readonly Observation[],
): Promise<boolean> {
  if (observations.length === 0) return false;
  await sql.observationChunk.create({ data: { ...place, observations: storable(observations) } });
  return summarizeObservations(sql, place.runId, observations);
}

/** At most so many gaps of a run are kept, the first that were told. */
const mostGaps = 100;

/** Notes what of a run's process could not be seen, each thing once. */
export async function addGaps(sql: Sql, runId: string, further: readonly CaptureGap[]): Promise<void> {
  if (further.length === 0) return;
  const row = await sql.run.findUniqueOrThrow({ where: { id: runId }, select: { gaps: true } });
  const known = gaps.parse(row.gaps);
  const names = new Set(known.map(({ what }) => what));
  const added = further.filter(({ what }) => !names.has(what) && names.add(what));
  const kept = [...known, ...added].slice(0, mostGaps);
  await sql.run.update({ where: { id: runId }, data: { gaps: storable(kept) } });
}

/** What was observed of a run; null for one that is unknown. */
export async function readObservations(db: Database, runId: string): Promise<RunObservations | null> {
  const row = await db.prisma.run.findUnique({ where: { id: runId }, select: { observed: true } });
  if (!row) return null;
  const stretches = stretchesOf(await observationsOfRun(db.prisma, runId));
  return { runId, settings: settings.parse(row.observed), stretches };
}
