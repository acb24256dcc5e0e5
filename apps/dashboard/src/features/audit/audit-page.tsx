import { Button, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { auditReading, auditReport } from "@reprise/contracts";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiError, callApi } from "../../shared/api/client.js";
import { Findings } from "../../shared/ui/findings.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { Section } from "../../shared/ui/section.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { ErrorState } from "../../shared/ui/states.js";
import classes from "./audit-page.module.css";
import { ColumnChoices } from "./column-choices.js";
import { type ColumnChoice, columnChoices, example, requestOf } from "./columns.js";
import { ReadingNotes } from "./reading-notes.js";
import { WorkedExample } from "./worked-example.js";

function Problem({ error }: { error: unknown }) {
  if (!(error instanceof ApiError) || error.fieldErrors.length === 0) return <ErrorState error={error} />;
  return (
    <ul className={classes.errors} role="alert">
      {error.fieldErrors.map(({ path, message, value, suggestion }) => (
        <li key={`${path} ${message}`}>
          <span className="mono">{path}</span>{" "}
          <ServerText text={[message, value, suggestion].filter(Boolean).join(" · ")} />
        </li>
      ))}
    </ul>
  );
}

const readingDelayMs = 250;

/** How the server reads a pasted table, a moment after its last change. */
function useReading(csv: string) {
  const [text] = useDebouncedValue(csv, readingDelayMs);
  return useQuery({
    queryKey: ["audits", "reading", text],
    queryFn: ({ signal }) =>
      callApi(auditReading, "/audits/readings", { method: "POST", body: { csv: text }, signal }),
    enabled: text.trim() !== "" && csv.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** A table as somebody pastes it, what its columns are, and what in it cannot be. */
export function AuditPage() {
  const [csv, setCsv] = useState("");
  const [name, setName] = useState("Table");
  const [changes, setChanges] = useState<Record<string, Partial<ColumnChoice>>>({});
  const reading = useReading(csv);
  const read = csv.trim() === "" || reading.isError ? undefined : reading.data;
  const columns = useMemo(() => columnChoices(read, changes), [read, changes]);
  const audit = useMutation({
    mutationFn: () =>
      callApi(auditReport, "/audits", { method: "POST", body: requestOf(name, csv, columns) }),
  });
  const change = (key: string, part: Partial<ColumnChoice>) =>
    setChanges({ ...changes, [key]: { ...changes[key], ...part } });
  const paste = (text: string) => {
    setCsv(text);
    setChanges({});
    audit.reset();
  };
  return (
    <>
      <PageTitle
        title="Audit"
        lead={
          <>
            Paste a results table as it stands in a paper, a spreadsheet or a README, look over what its
            columns are read as, and the rules that check the <Link to="/references">published studies</Link>{" "}
            check it: signs, ranges against SDs, accuracies against sensitivity and specificity, shares of
            whole cases, means, repeated values. Nothing is stored.
          </>
        }
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          audit.mutate();
        }}
      >
        <div className={classes.beside}>
          <div className={classes.input}>
            <TextInput
              size="xs"
              label="Name of the table"
              value={name}
              maw={280}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Textarea
              label="Table with a header line: CSV, tabs, Markdown or LaTeX"
              placeholder={"configuration,det,mean,delta\nSGD,94.80,94.96,-0.156"}
              value={csv}
              onChange={(event) => paste(event.currentTarget.value)}
              autosize
              minRows={10}
              maxRows={16}
              spellCheck={false}
              classNames={{ input: "mono" }}
            />
            {csv === "" ? (
              <Button variant="default" size="xs" onClick={() => paste(example)} w="fit-content">
                Try the example
              </Button>
            ) : null}
          </div>
          {csv === "" ? <WorkedExample /> : null}
        </div>
        {columns.length > 0 ? (
          <Section
            title="What are the columns?"
            lead="Guessed from their names and cells; a wrong role makes wrong findings, so look them over. A relative change needs the two columns it was computed from."
          >
            {read ? <ReadingNotes reading={audit.data?.readings[0] ?? read} /> : null}
            <ColumnChoices columns={columns} onChange={change} />
            <Button type="submit" size="sm" mt={16} loading={audit.isPending}>
              Check the table
            </Button>
          </Section>
        ) : null}
      </form>
      {reading.isError && csv.trim() !== "" ? <Problem error={reading.error} /> : null}
      {audit.isError ? <Problem error={audit.error} /> : null}
      {audit.data ? (
        <Section title="What does not add up?">
          <div aria-live="polite">
            <Findings report={audit.data} />
          </div>
          {audit.data.ignoredColumns.length > 0 ? (
            <p className="dim small">Not looked at: {audit.data.ignoredColumns.join(", ")}.</p>
          ) : null}
        </Section>
      ) : null}
    </>
  );
}
