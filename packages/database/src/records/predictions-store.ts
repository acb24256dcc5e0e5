import { decodeNumber, encodeNumber, type Predictions } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { storableJson } from "../storable.js";

/** Writes the scores of one split of a run; a second time for the same split replaces the first. */
export async function insertPredictions(sql: Sql, runId: string, predictions: Predictions): Promise<void> {
  const row = storableJson({
    classes: predictions.classes,
    ids: predictions.ids,
    labels: predictions.labels,
    scores: predictions.scores.flat().map((score) => encodeNumber(decodeNumber(score))),
    groups: predictions.groups ?? {},
    subgroups: predictions.subgroups ?? {},
  });
  await sql.$executeRaw`
    INSERT INTO predictions
      (run_id, split, question, epoch, positive_class, threshold, classes, ids, labels, scores, groups, subgroups)
    SELECT ${runId}::uuid, ${predictions.split}, ${predictions.question ?? ""}, ${predictions.epoch}::int,
      ${predictions.positiveClass}::int, ${predictions.threshold}::float8, x.*
    FROM json_to_record(${row}::json)
      AS x(classes text[], ids text[], labels int[], scores float8[], groups jsonb, subgroups jsonb)
    ON CONFLICT (run_id, split, question) DO UPDATE SET epoch = excluded.epoch, classes = excluded.classes,
      positive_class = excluded.positive_class, threshold = excluded.threshold, ids = excluded.ids,
      labels = excluded.labels, scores = excluded.scores, groups = excluded.groups, subgroups = excluded.subgroups`;
}
