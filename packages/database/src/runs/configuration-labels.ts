import type { StudyLabels } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { storable, storableText } from "../storable.js";

/**
 * Gives the configurations of a study these labels, on all its runs, and notes how they were made, so that a further configuration need
 * not read them all. The caller holds the sweep's lock.
 */
export async function writeConfigurationLabels(
  sql: Sql,
  sweepId: string,
  { labels, labelling }: StudyLabels,
): Promise<void> {
  const rows = [...labels].map(([key, { label, given }]) => ({ key, label: storableText(label), given }));
  await sql.$executeRaw`
    UPDATE runs r SET configuration_label = l.label, label_given = l.given
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS l(key text, label text, given boolean)
    WHERE r.sweep_id = ${sweepId}::uuid AND r.configuration_key = l.key
      AND (r.configuration_label, r.label_given) IS DISTINCT FROM (l.label, l.given)`;
  await sql.sweep.update({
    where: { id: sweepId },
    data: { labelling: labelling ? storable(labelling) : Prisma.DbNull },
  });
}
