import { NativeSelect } from "@mantine/core";
import type { BesideReference, Sweep } from "@reprise/contracts";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { referenceQuery, referencesQuery } from "../../../../shared/api/catalogue-queries.js";
import { missing, significant } from "../../../../shared/format/numbers.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { Section } from "../../../../shared/ui/section.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { besideQuery } from "../../queries.js";
import { questionsOf } from "../question-choice.js";
import { besideAnalyses, everyDataset, type PublishedChoice, publishedChoice } from "./published-choice.js";
import { datasetsOf, fittingTable } from "./published-fit.js";
import classes from "./published-section.module.css";

type Row = BesideReference["rows"][number];

function Table({ rows }: { rows: readonly Row[] }) {
  return (
    <DataTable
      label="Measured beside published"
      rows={rows}
      keyOf={(row) => `${row.table} ${row.row} ${row.configuration} ${row.seed} ${row.arm} ${row.quantity}`}
      columns={[
        { key: "quantity", header: "Quantity", cell: (row) => row.quantity },
        { key: "configuration", header: "Measured here", cell: (row) => row.configuration },
        { key: "seed", header: "Seed", right: true, cell: (row) => row.seed ?? "all" },
        { key: "arm", header: "Arm", cell: (row) => row.arm },
        {
          key: "measured",
          header: "Measured",
          right: true,
          cell: (row) =>
            row.measured === null ? (
              <span title={row.reason ?? undefined}>another quantity</span>
            ) : (
              significant(row.measured, 4)
            ),
        },
        { key: "published", header: "Published", right: true, cell: (row) => row.published || missing },
        {
          key: "difference",
          header: "Difference",
          right: true,
          cell: ({ difference }) =>
            difference === null ? missing : `${difference > 0 ? "+" : ""}${significant(difference, 3)}`,
        },
        {
          key: "where",
          header: "Printed in",
          cell: (row) => (
            <span className="dim">
              {row.table}, {row.row}
            </span>
          ),
        },
      ]}
    />
  );
}

/** The study's own tables beside a published one, where configurations match. */
export function PublishedSection({
  sweep,
  metric,
  published,
  onPublished,
}: {
  sweep: Sweep;
  metric: string | undefined;
  published: string;
  onPublished: (published: string) => void;
}) {
  const references = useQuery(referencesQuery);
  const asked = publishedChoice(published);
  const studies = useQueries({
    queries: (references.data ?? []).map(({ name }) => referenceQuery(name)),
  }).flatMap(({ data }) => data ?? []);
  const rows = useQuery(analysisQuery(sweep.id, "classification")).data?.rows;
  const known =
    references.data !== undefined && studies.length === references.data.length && rows !== undefined;
  const candidates = asked.reference ? studies.filter(({ name }) => name === asked.reference) : studies;
  const fit = fittingTable(candidates, {
    preset: sweep.preset,
    dataset: sweep.spec.dataset.name,
    questions: questionsOf(rows ?? []),
  });
  const choice: PublishedChoice = {
    reference: fit.reference,
    dataset: asked.dataset || fit.dataset,
    analysis: asked.analysis ?? fit.analysis,
  };
  const study = studies.find(({ name }) => name === choice.reference);
  const datasets = datasetsOf(study);
  const fits = choice.dataset !== "";
  const beside = useQuery({
    ...besideQuery(sweep.id, {
      ...choice,
      dataset: choice.dataset === everyDataset ? "" : choice.dataset,
      metric,
    }),
    enabled: known && fits,
    placeholderData: keepPreviousData,
  });
  const set = (change: Partial<PublishedChoice>) => {
    const next = { ...choice, ...change };
    onPublished([next.reference, next.dataset, next.analysis].join("~"));
  };
  return (
    <Section
      title="How does it compare with the published figures?"
      lead="Rows are matched by configuration and seed, values are in the published unit. Equal names do not make equal models, data or hardware."
      aside={
        <>
          <NativeSelect
            size="xs"
            aria-label="Published study"
            value={choice.reference}
            data={(references.data ?? []).map((item) => ({ value: item.name, label: item.name }))}
            onChange={(event) => set({ reference: event.currentTarget.value, dataset: "" })}
          />
          <NativeSelect
            size="xs"
            aria-label="Published data set"
            value={choice.dataset}
            data={[
              ...(fits ? [] : [{ value: "", label: "choose …" }]),
              { value: everyDataset, label: "every data set" },
              ...datasets.map((dataset) => ({ value: dataset, label: dataset })),
            ]}
            onChange={(event) => set({ dataset: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label="Published table"
            value={choice.analysis}
            data={besideAnalyses.map(({ value, label }) => ({ value, label }))}
            onChange={(event) =>
              set({ analysis: publishedChoice(`~~${event.currentTarget.value}`).analysis ?? fit.analysis })
            }
          />
        </>
      }
    >
      {known && !fits ? (
        <EmptyState title={`Nothing was published on ${sweep.spec.dataset.name} there.`}>
          {study?.title} prints figures on {datasets.join(", ")}. One of them can still be chosen above: then
          only the names of configurations and seeds are matched.
        </EmptyState>
      ) : (
        <QueryView query={beside} height={280} label="Loading the published figures">
          {(data) => (
            <>
              <Notes notes={[...new Set(data.rows.flatMap(({ reason }) => reason ?? []))]} />
              {data.rows.length === 0 ? (
                <EmptyState title="Nothing matches.">
                  No configuration here has a published label or optimizer at one of the published seeds, or
                  the metric is not a share.
                </EmptyState>
              ) : (
                <div className={classes.long}>
                  <Table rows={data.rows} />
                </div>
              )}
              <Notes notes={data.notes} />
              {data.unmatchedMeasured.length > 0 ? (
                <Note>Measured only: {data.unmatchedMeasured.join("; ")}.</Note>
              ) : null}
            </>
          )}
        </QueryView>
      )}
    </Section>
  );
}
