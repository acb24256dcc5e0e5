import { Button } from "@mantine/core";
import type { Checklist, StudyReport } from "@reprise/contracts";
import { IconFileText, IconMarkdown, IconPackageExport, IconPrinter, IconTex } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { apiRoot } from "../../shared/api/client.js";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { absolute } from "../../shared/format/time.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { Absent } from "../../shared/ui/absent.js";
import { ClaimsTable } from "../../shared/ui/claims-table.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Deviations } from "../../shared/ui/deviations.js";
import { ExportLinks } from "../../shared/ui/export-links.js";
import { Notes } from "../../shared/ui/note.js";
import { Breadcrumb, PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { VerdictList } from "../../shared/ui/verdict-list.js";
import { analysisNamed } from "./analysis-named.js";
import { reportQuery } from "./queries.js";
import classes from "./report-page.module.css";

const route = getRouteApi("/sweeps/$sweepId/report");

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

function Result({
  result,
  sweepId,
  metric,
}: {
  result: StudyReport["results"][number];
  sweepId: string;
  metric: string | undefined;
}) {
  const name = analysisNamed(result.analysis);
  return (
    <div className={classes.result}>
      <div className={classes.resultHead}>
        <h3>{result.table.title}</h3>
        {name ? (
          <ExportLinks sweepId={sweepId} name={name} metric={metric} title={result.table.title} />
        ) : null}
      </div>
      <VerdictList verdicts={result.verdicts} shown={3} />
      <div className={classes.dense}>
        <DataTable
          label={result.table.title}
          rows={result.printed.map((cells, index) => ({
            cells,
            absent: result.table.absent[index] ?? {},
            key: String(index),
          }))}
          keyOf={(row) => row.key}
          columns={result.table.columns.map((column, index) => ({
            key: column.key,
            header: column.label,
            title: column.description,
            right: result.table.rows.some((row) => typeof row[column.key] === "number"),
            cell: (row: { cells: (string | null)[]; absent: Record<string, string> }) =>
              row.cells[index] ?? <Absent reason={row.absent[column.key] ?? "nothing to remark"} />,
          }))}
        />
      </div>
      <div className={classes.remarks}>
        <p className="dim small">{result.caption}</p>
        <Notes notes={result.notes} />
      </div>
    </div>
  );
}

function Checks({ checklist }: { checklist: Checklist }) {
  const open = checklist.items.filter(({ status }) => status === "missing").length;
  return (
    <details className={classes.checklist}>
      <summary>
        <strong>{checklist.name}</strong>{" "}
        <span className="dim">
          {checklist.items.length - open} of {checklist.items.length} answered
        </span>
      </summary>
      <p className="dim small">{checklist.source}</p>
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

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className={classes.lines}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** One page about a study, to be read, printed and taken away. */
export function ReportPage() {
  const { sweepId } = route.useParams();
  const { metric } = route.useSearch();
  const chosen = metric === "" ? undefined : metric;
  const report = useQuery(reportQuery(sweepId, chosen));
  const sweep = useQuery(sweepQuery(sweepId));
  // An archive is made of a study that has ended.
  const hasEnded = ["succeeded", "failed", "cancelled"].includes(sweep.data?.status ?? "");
  const address = (format: string) =>
    `${apiRoot}/sweeps/${sweepId}/report?format=${format}${chosen ? `&metric=${encodeURIComponent(chosen)}` : ""}`;
  return (
    <>
      <Breadcrumb
        crumbs={[
          { label: "Sweeps", to: "/" },
          { label: report.data?.title ?? "Sweep", to: `/sweeps/${sweepId}` },
        ]}
        here="Report"
      />
      <QueryView query={report} height={720} label="Writing the report">
        {(data) => (
          <article className={classes.report}>
            <PageTitle
              title={data.title}
              lead={data.question}
              action={
                <div className={classes.exports}>
                  <Button
                    component="a"
                    href={address("markdown")}
                    download="report.md"
                    variant="default"
                    size="xs"
                    leftSection={<IconMarkdown size={15} />}
                  >
                    Markdown
                  </Button>
                  <Button
                    component="a"
                    href={address("latex")}
                    download="report.tex"
                    variant="default"
                    size="xs"
                    leftSection={<IconTex size={15} />}
                  >
                    LaTeX
                  </Button>
                  <Button
                    component="a"
                    href={address("html")}
                    target="_blank"
                    rel="noreferrer"
                    variant="default"
                    size="xs"
                    leftSection={<IconFileText size={15} />}
                  >
                    HTML
                  </Button>
                  {hasEnded ? (
                    <Button
                      component="a"
                      href={`${apiRoot}/sweeps/${sweepId}/crate`}
                      download
                      variant="default"
                      size="xs"
                      leftSection={<IconPackageExport size={15} />}
                    >
                      RO-Crate
                    </Button>
                  ) : null}
                  <Button
                    variant="default"
                    size="xs"
                    leftSection={<IconPrinter size={15} />}
                    onClick={() => window.print()}
                  >
                    Print
                  </Button>
                </div>
              }
            />
            {data.provisional ? <p className={classes.provisional}>{data.provisional}</p> : null}
            <p className="dim small">
              {data.software}, {absolute(data.generatedAt)}
            </p>
            <Section title="How was it designed?">
              <Facts facts={data.design} />
            </Section>
            {data.deviations ? (
              <Section title="What differs from the published study?">
                <Deviations items={data.deviations.items} lead={data.deviations.sentence} />
              </Section>
            ) : null}
            <Section title="How is it known?">
              <ClaimsTable claims={data.claims} />
            </Section>
            <Section title="What ran?">
              <Facts facts={data.ran} />
              {data.environments.map((environment) => (
                <details key={environment.id} className={classes.checklist}>
                  <summary>
                    Environment <span className="mono">{environment.id.slice(0, 8)}</span>, {environment.runs}{" "}
                    runs
                  </summary>
                  <Facts facts={environment.values} />
                </details>
              ))}
            </Section>
            <Section title="What came out?">
              {data.results.map((result) => (
                <Result key={result.analysis} result={result} sweepId={sweepId} metric={chosen} />
              ))}
            </Section>
            <Section title="Which tests were made?">
              <Lines lines={data.tests} />
            </Section>
            <Section title="What does it not show?">
              <Lines lines={data.limits} />
            </Section>
            <Section title="How could it be written up?">
              <p className={classes.methods}>{data.methods}</p>
            </Section>
            <Section title="Which checklists does it answer?">
              {data.checklists.map((checklist) => (
                <Checks key={checklist.name} checklist={checklist} />
              ))}
            </Section>
          </article>
        )}
      </QueryView>
    </>
  );
}
