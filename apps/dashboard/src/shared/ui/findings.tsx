import type { AuditReport } from "@reprise/contracts";
import { IconAlertTriangle, IconInfoCircle, IconX } from "@tabler/icons-react";
import { count, unbroken } from "../format/numbers.js";
import classes from "./findings.module.css";

type Finding = AuditReport["findings"][number];

const looks: Record<Finding["severity"], { icon: typeof IconX; word: string }> = {
  error: { icon: IconX, word: "impossible" },
  warning: { icon: IconAlertTriangle, word: "contradicts" },
  note: { icon: IconInfoCircle, word: "worth a look" },
};

const ruleWords: Record<Finding["rule"], string> = {
  "relative-change": "Recomputed relative change",
  sign: "Sign",
  "range-sd": "Range against SD",
  containment: "Within minimum and maximum",
  "cross-table": "The same figure in two tables",
  "duplicated-column": "Repeated column",
  "duplicated-value": "Repeated value",
  accuracy: "Accuracy from sensitivity and specificity",
  "below-chance": "Below chance",
  proportion: "Shares of whole cases (GRIM)",
  "two-by-two": "Accuracy, sensitivity and specificity of whole cases",
  "case-count": "Number of cases of a data set",
  total: "Total",
  "row-statistic": "Means, SDs and extremes of printed numbers",
  ratio: "Ratios that ought to be constant",
  aggregate: "Aggregate",
  "significance-count": "Count of significant tests",
  "equivalent-settings": "Settings that mean the same",
  claim: "Statement of the text",
  meaning: "Meaning of a column",
};

/** What an audit found, by rule, and which rules had something to check. */
export function Findings({ report }: { report: AuditReport }) {
  const rules = [...new Set(report.findings.map(({ rule }) => rule))];
  return (
    <>
      <p className={classes.sentence}>{report.sentence}</p>
      {rules.map((rule) => {
        const found = report.findings.filter((finding) => finding.rule === rule);
        const checks = report.rules.find((entry) => entry.rule === rule)?.checks;
        return (
          <details key={rule} className={classes.rule} open={found.length <= 8}>
            <summary>
              {ruleWords[rule]}
              <span className="dim">
                {" "}
                {count(found.length, "finding")}
                {checks === undefined ? "" : ` in ${count(checks, "check")}`}
              </span>
            </summary>
            <ul>
              {found.map((finding) => {
                const { icon: Icon, word } = looks[finding.severity];
                return (
                  <li key={finding.sentence} data-severity={finding.severity}>
                    <span className={classes.severity}>
                      <Icon size={15} stroke={1.8} aria-hidden /> {word}
                    </span>
                    <span>{unbroken(finding.sentence)}</span>
                  </li>
                );
              })}
            </ul>
          </details>
        );
      })}
      <details className={classes.rule}>
        <summary>
          What was checked?
          <span className="dim"> {count(report.rules.length, "rule")}</span>
        </summary>
        <ul className={classes.checks}>
          {report.rules.map(({ rule, checks, findings }) => (
            <li key={rule}>
              {ruleWords[rule]}:{" "}
              {checks === 0 ? "nothing to check" : `${count(checks, "check")}, ${count(findings, "finding")}`}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
