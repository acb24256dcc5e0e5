import {
  type AuditClaim,
  type AuditReport,
  type AuditRule,
  type AuditTable,
  auditRules,
} from "@reprise/contracts";
import { counted } from "../analyses/words.js";
import { accuracyRule, belowChanceRule } from "./accuracies.js";
import { containmentRule, crossTableRule } from "./across-tables.js";
import { caseCountRule } from "./case-counts.js";
import { claimRule } from "./claims.js";
import { duplicatedColumnRule, duplicatedValueRule } from "./duplicates.js";
import { meaningRule } from "./meaning.js";
import { countRule, proportionRule, twoByTwoRule } from "./proportions.js";
import { ratioRule } from "./ratios.js";
import { relativeChangeRule, signRule } from "./relative-changes.js";
import { rowStatisticRule } from "./row-statistics.js";
import type { Rule } from "./rule.js";
import { equivalentSettingsRule } from "./settings.js";
import { rangeSdRule, significanceCountRule } from "./spreads.js";
import { aggregateRule, totalRule } from "./sums.js";

const rules: Record<AuditRule, Rule> = {
  "relative-change": relativeChangeRule,
  sign: signRule,
  "range-sd": rangeSdRule,
  containment: containmentRule,
  "cross-table": crossTableRule,
  "duplicated-column": duplicatedColumnRule,
  "duplicated-value": duplicatedValueRule,
  accuracy: accuracyRule,
  "below-chance": belowChanceRule,
  proportion: (tables, claims) => {
    const [rates, counts] = [proportionRule(tables, claims), countRule(tables, claims)];
    return { checks: rates.checks + counts.checks, findings: [...rates.findings, ...counts.findings] };
  },
  "two-by-two": twoByTwoRule,
  "case-count": caseCountRule,
  total: totalRule,
  "row-statistic": rowStatisticRule,
  ratio: ratioRule,
  aggregate: aggregateRule,
  "significance-count": significanceCountRule,
  "equivalent-settings": equivalentSettingsRule,
  claim: claimRule,
  meaning: meaningRule,
};

/** Of each rule at most so many findings are listed; they are all counted. */
const maxListed = 300;

function summary(checks: number, findings: AuditReport["findings"]): string {
  if (checks === 0) return "Nothing could be checked: no two columns have roles that a rule can compare.";
  if (findings.length === 0)
    return `${counted(checks, "check")}, no finding. The printed numbers fit each other; that does not make them true.`;
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    counted(count("error"), "error"),
    counted(count("warning"), "warning"),
    counted(count("note"), "note"),
  ];
  return `${counted(checks, "check")}, ${counted(findings.length, "finding")}: ${parts.join(", ")}.`;
}

/**
 * Checks summary tables against themselves, each other and what a text claims of them. Numbers are taken with the precision
 * at which they were printed, so that a table rounded from consistent numbers yields nothing. Pure; cells that are no numbers
 * are passed over, and every rule says how much it had to look at.
 */
export function auditTables(tables: readonly AuditTable[], claims: readonly AuditClaim[] = []): AuditReport {
  const results = auditRules.map((rule) => ({ rule, ...rules[rule](tables, claims) }));
  const findings = results.flatMap((result) => result.findings);
  const checks = results.reduce((total, result) => total + result.checks, 0);
  const listed = results.flatMap((result) => result.findings.slice(0, maxListed));
  return {
    findings: listed,
    rules: results.map(({ rule, checks, findings: found }) => ({ rule, checks, findings: found.length })),
    ignoredColumns: [],
    readings: [],
    sentence: `${summary(checks, findings)}${listed.length < findings.length ? ` The first ${maxListed} of each rule are listed.` : ""}`,
  };
}
