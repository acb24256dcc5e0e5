import type { AuditClaim, AuditColumn, AuditFinding, AuditRule, AuditTable } from "@reprise/contracts";
import { labelOf, nameOf, type Row } from "./tables.js";

/** What one rule saw: how often it had something to look at, and what did not hold. */
export type RuleResult = { checks: number; findings: AuditFinding[] };

/** Tables and claims in, result out; a rule knows roles and numbers, never a particular table. */
export type Rule = (tables: readonly AuditTable[], claims: readonly AuditClaim[]) => RuleResult;

type Words = Pick<AuditFinding, "severity" | "printed" | "follows" | "sentence">;

/** A finding at one cell. */
export function findingAt(rule: AuditRule, row: Row, column: AuditColumn, words: Words): AuditFinding {
  return { rule, table: row.table.name, row: nameOf(row), column: labelOf(column), ...words };
}

/** Adds up what was found: null means there was nothing to check, an empty list that everything held. */
export function collect(found: Iterable<AuditFinding[] | null>): RuleResult {
  const result: RuleResult = { checks: 0, findings: [] };
  for (const findings of found) {
    if (findings === null) continue;
    result.checks += 1;
    result.findings.push(...findings);
  }
  return result;
}

/** "Table II, CIFAR-10, SGD0" */
export const place = (row: Row): string => `${row.table.name}, ${nameOf(row)}`;
