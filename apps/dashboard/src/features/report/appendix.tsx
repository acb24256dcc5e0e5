import type { Checklist, StudyReport } from "@reprise/contracts";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { ClaimsTable } from "../../shared/ui/claims-table.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Deviations } from "../../shared/ui/deviations.js";
import { Section } from "../../shared/ui/section.js";
import classes from "./appendix.module.css";

const statusWords: Record<Checklist["items"][number]["status"], string> = {
  reported: "reported",
  missing: "missing",
  "by-hand": "to be written by hand",
  "not-applicable": "not applicable",
};

const digestForm = /\b([0-9a-f]{64})\b/;

/** Text in which a digest is short on the screen and whole on paper. */
function WithDigests({ text }: { text: string }) {
  return text.split(digestForm).map((part) =>
    digestForm.test(part) ? (
      <span key={part}>
        <span className={classes.onScreen}>
          <DigestChip digest={part} copy />
        </span>
        <span className={`mono ${classes.onPaper}`}>{part}</span>
      </span>
    ) : (
      part
    ),
  );
}

function Facts({ facts }: { facts: StudyReport["design"] }) {
  // What is said several times under one label, such as disclosures, is one entry.
  const labels = [...new Set(facts.map(({ label }) => label))];
  return (
    <dl className={classes.facts}>
      {labels.map((label) => (
        <div key={label}>
          <dt>{label}</dt>
          {facts
            .filter((fact) => fact.label === label)
            .map(({ value }) => (
              <dd key={value}>
                <WithDigests text={value} />
              </dd>
            ))}
        </div>
      ))}
    </dl>
  );
}

/** What all environments share, once, then what each has for itself. */
function Environments({ environments: { shared, each } }: { environments: StudyReport["environments"] }) {
  if (each.length === 0) return <p className="dim">No environment is recorded.</p>;
  const allOf = (count: number) => (count === 2 ? "both" : `all ${count}`);
  const runs = (count: number) => (count === 1 ? "1 run" : `${count} runs`);
  return (
    <>
      <details className={classes.folded}>
        <summary>
          {each.length === 1
            ? `Environment of ${each[0]?.runs === 1 ? "the only run" : `${allOf(each[0]?.runs ?? 0)} runs`}`
            : `Values common to ${allOf(each.length)} environments`}{" "}
          {each.length === 1 ? <span className="mono">{each[0]?.id.slice(0, 8)}</span> : null}
        </summary>
        <Facts facts={shared} />
      </details>
      {each
        .filter(({ values }) => values.length > 0)
        .map(({ id, runs: count, values }) => (
          <details key={id} className={classes.folded}>
            <summary>
              Environment <span className="mono">{id.slice(0, 8)}</span>, {runs(count)}: values that differ
              from the other environments
            </summary>
            <Facts facts={values} />
          </details>
        ))}
    </>
  );
}

function Checks({ checklist }: { checklist: Checklist }) {
  const open = checklist.items.filter(({ status }) => status === "missing").length;
  return (
    <details className={classes.folded}>
      <summary>
        <strong>{checklist.name}</strong>{" "}
        <span className="dim">
          {checklist.items.length - open} of {checklist.items.length} answered
        </span>
      </summary>
      <p className={`dim small ${classes.source}`}>{checklist.source}</p>
      <DataTable
        label={checklist.name}
        rows={checklist.items}
        keyOf={(item) => item.number}
        columns={[
          { key: "number", header: "Item", cell: (item) => item.number },
          { key: "asks", header: "Asks", cell: (item) => <span className={classes.words}>{item.asks}</span> },
          { key: "status", header: "Status", cell: (item) => statusWords[item.status] },
          {
            key: "answer",
            header: "Answer",
            cell: (item) => <span className={classes.words}>{item.answer}</span>,
          },
        ]}
      />
    </details>
  );
}

/** What a reader looks up: design, how it is known, what ran and where, checklists. */
export function Appendix({ report }: { report: StudyReport }) {
  return (
    <div className={classes.appendix}>
      <Section title="Appendix: how was it designed?">
        <Facts facts={report.design} />
      </Section>
      {report.deviations ? (
        <Section title="Appendix: what differs from the published study?">
          <Deviations items={report.deviations.items} lead={report.deviations.sentence} />
        </Section>
      ) : null}
      <Section title="Appendix: how is it known?">
        <ClaimsTable claims={report.claims} />
      </Section>
      <Section title="Appendix: what ran, and where?">
        <Facts facts={report.ran} />
        <Environments environments={report.environments} />
      </Section>
      <Section title="Appendix: which checklists does it answer?">
        {report.checklists.map((checklist) => (
          <Checks key={checklist.name} checklist={checklist} />
        ))}
      </Section>
    </div>
  );
}
