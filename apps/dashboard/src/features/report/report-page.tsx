import type { StudyReport, Sweep } from "@reprise/contracts";
import { printedPage } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { unbroken } from "../../shared/format/numbers.js";
import { absolute } from "../../shared/format/time.js";
import { Breadcrumb, PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { Answer } from "./answer.js";
import { Appendix } from "./appendix.js";
import { Evidence } from "./evidence.js";
import { Figures } from "./figures.js";
import { reportQuery } from "./queries.js";
import classes from "./report-page.module.css";
import { ReportTools } from "./report-tools.js";
import { useOpenOnPaper } from "./use-open-on-paper.js";

const route = getRouteApi("/sweeps/$sweepId/report");

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className={classes.lines}>
      {lines.map((line) => (
        <li key={line}>{unbroken(line)}</li>
      ))}
    </ul>
  );
}

function Report({
  report,
  sweep,
  metric,
  isFull,
}: {
  report: StudyReport;
  sweep: Sweep | undefined;
  metric: string | undefined;
  isFull: boolean;
}) {
  useOpenOnPaper();
  return (
    <>
      <style>{printedPage(report.title)}</style>
      {report.provisional ? <p className={classes.provisional}>{report.provisional}</p> : null}
      <p className="dim small">
        {report.software}, {absolute(report.generatedAt)}
      </p>
      <Answer answer={report.answer} />
      {isFull ? (
        <>
          <Figures sweepId={report.sweepId} sweep={sweep} metric={metric} />
          <Evidence results={report.results} sweepId={report.sweepId} metric={metric} />
        </>
      ) : null}
      <Section title="What does it not show?">
        <Lines lines={report.limits} />
      </Section>
      <Section title="How could it be written up?">
        <div className={classes.methods}>
          {report.methods.map(({ heading, text }) => (
            <div key={heading} className={classes.method}>
              <h3>{heading}</h3>
              <p>{unbroken(text)}</p>
            </div>
          ))}
        </div>
        {report.tests.length > 0 ? (
          <>
            <h3 className={classes.subject}>Tests</h3>
            <Lines lines={report.tests} />
          </>
        ) : null}
      </Section>
      {isFull ? <Appendix report={report} /> : null}
    </>
  );
}

/** A study as a document: the answer first, what it rests on, and in an appendix what all runs share. */
export function ReportPage() {
  const { sweepId } = route.useParams();
  const { metric, length } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = metric === "" ? undefined : metric;
  const report = useQuery(reportQuery(sweepId, chosen));
  const sweep = useQuery(sweepQuery(sweepId)).data;
  return (
    <>
      <Breadcrumb
        crumbs={[
          { label: "Sweeps", to: "/" },
          { label: sweep?.name ?? report.data?.title ?? "", to: `/sweeps/${sweepId}` },
        ]}
        here="Report"
      />
      <QueryView query={report} height={1600} label="Writing the report">
        {(data) => (
          <article className={classes.report}>
            <PageTitle
              title={data.title}
              lead={data.question}
              action={
                <ReportTools
                  sweepId={sweepId}
                  metric={chosen}
                  length={length}
                  onLength={(next) =>
                    navigate({
                      search: (previous) => ({ ...previous, length: next }),
                      replace: true,
                      resetScroll: false,
                    })
                  }
                  // An archive is made of a study that has ended.
                  hasEnded={["succeeded", "failed", "cancelled"].includes(sweep?.status ?? "")}
                />
              }
            />
            <Report report={data} sweep={sweep} metric={chosen} isFull={length === ""} />
          </article>
        )}
      </QueryView>
    </>
  );
}
