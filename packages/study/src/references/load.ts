import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AuditReport,
  didYouMean,
  type Parsed,
  parseWith,
  type ReferenceList,
  type ReferenceStudy,
  referenceStudy,
} from "@reprise/contracts";
import { auditTables } from "../audit/audit-tables.js";

const folder = fileURLToPath(new URL("../../references", import.meta.url));

function readReference(file: string): ReferenceStudy {
  const parsed = parseWith(referenceStudy, JSON.parse(readFileSync(join(folder, file), "utf8")));
  if (parsed.ok) return parsed.value;
  const errors = parsed.errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new Error(`reference ${file}: ${errors}`);
}

/** The published studies that come with Reprise, read-only, in the order of their names. */
export function listReferences(): ReferenceStudy[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map(readReference)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A listing without the tables themselves. */
export function referenceSummaries(references: readonly ReferenceStudy[]): ReferenceList {
  return {
    items: references.map(({ name, title, summary, tables, claims }) => ({
      name,
      title,
      summary,
      tables: tables.map((table) => ({ name: table.name, title: table.title, rows: table.rows.length })),
      claims: claims.length,
    })),
  };
}

/** The published study of that name, or an error that names the nearest one. */
export function getReference(name: string, references = listReferences()): Parsed<ReferenceStudy> {
  const reference = references.find((candidate) => candidate.name === name);
  if (reference) return { ok: true, value: reference };
  const names = references.map((candidate) => candidate.name);
  return {
    ok: false,
    errors: [
      { path: "paper", message: "unknown reference", value: name, suggestion: didYouMean(name, names) },
    ],
  };
}

/** What the rules find in the tables of a published study and in what its text says of them. */
export function auditReference({ tables, claims }: ReferenceStudy): AuditReport {
  return auditTables(tables, claims);
}
