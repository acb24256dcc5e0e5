import { decodeNumber, encodeNumber, type Predictions } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import type { Prisma } from "../generated/client.js";
import { storableJson } from "../storable.js";

/**
 * Writes the scores of one split of a run; a second time for the same split replaces the first.
 *
 * @param owned the run as a row of `id`, locked; none where it may not be written to
 * @returns whether it was written
 */
export async function insertPredictions(
  sql: Sql,
  owned: Prisma.Sql,
  predictions: Predictions,
): Promise<boolean> {
  const row = storableJson({
    classes: predictions.classes,
    ids: predictions.ids,
    labels: predictions.labels,
    scores: predictions.scores.flat().map((score) => encodeNumber(decodeNumber(score))),
    groups: predictions.groups ?? {},
    subgroups: predictions.subgroups ?? {},
  });
  const written = await sql.$executeRaw`
    WITH owned AS (${owned})
    INSERT INTO predictions
      (run_id, split, question, epoch, positive_class, threshold, classes, ids, labels, scores, groups, subgroups)
    SELECT owned.id, ${predictions.split}, ${predictions.question ?? ""}, ${predictions.epoch}::int,
      ${predictions.positiveClass}::int, ${predictions.threshold}::float8, x.*
    FROM owned, json_to_record(${row}::json)
      AS x(classes text[], ids text[], labels int[], scores float8[], groups jsonb, subgroups jsonb)
    ON CONFLICT (run_id, split, question) DO UPDATE SET epoch = excluded.epoch, classes = excluded.classes,
      positive_class = excluded.positive_class, threshold = excluded.threshold, ids = excluded.ids,
      labels = excluded.labels, scores = excluded.scores, groups = excluded.groups, subgroups = excluded.subgroups`;
  return written > 0;
}
