import type { Sql } from "../connect.js";
import { storableText } from "../storable.js";

/** Labels by the key of their configuration, and whether somebody chose them. */
export type ConfigurationLabels = ReadonlyMap<string, { label: string; given: boolean }>;

/** Gives the configurations of a study these labels, on all its runs. The caller holds the sweep's lock. */
export async function writeConfigurationLabels(
  sql: Sql,
  sweepId: string,
  labels: ConfigurationLabels,
): Promise<void> {
  const rows = [...labels].map(([key, { label, given }]) => ({ key, label: storableText(label), given }));
  await sql.$executeRaw`
    UPDATE runs r SET configuration_label = l.label, label_given = l.given
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS l(key text, label text, given boolean)
    WHERE r.sweep_id = ${sweepId}::uuid AND r.configuration_key = l.key
      AND (r.configuration_label, r.label_given) IS DISTINCT FROM (l.label, l.given)`;
}
