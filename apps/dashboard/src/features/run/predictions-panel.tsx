import { Button, NativeSelect, Switch } from "@mantine/core";
import { decodeNumber, type Predictions, type RunDetail, type Thumbnails } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { count, share, significant } from "../../shared/format/numbers.js";
import { CaseThumbnail, pictureFinder } from "../../shared/ui/case-thumbnail.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState } from "../../shared/ui/states.js";
import classes from "./predictions-panel.module.css";
import { runPredictionsQuery, runThumbnailsQuery } from "./queries.js";

const step = 100;
const noSheets: readonly Thumbnails[] = [];

type Case = { id: string; label: number; predicted: number; score: number; wrong: boolean };

/** Cases as the run decided them; wrong ones first, the most confident mistake on top. */
function casesOf(predictions: Predictions): Case[] {
  const { positiveClass, threshold } = predictions;
  return predictions.ids
    .map((id, index): Case => {
      const scores = (predictions.scores[index] ?? []).map(decodeNumber);
      const label = predictions.labels[index] ?? -1;
      const highest = scores.indexOf(Math.max(...scores));
      const positive = positiveClass === null ? undefined : (scores[positiveClass] ?? scores[0]);
      const predicted =
        positiveClass === null || positive === undefined || threshold === null
          ? highest
          : positive >= threshold
            ? positiveClass
            : 1 - positiveClass;
      const score = positive ?? scores[predicted] ?? Number.NaN;
      return { id, label, predicted, score, wrong: predicted !== label };
    })
    .sort((a, b) => {
      if (a.wrong !== b.wrong) return a.wrong ? -1 : 1;
      const edge = threshold ?? 0;
      return Math.abs(b.score - edge) - Math.abs(a.score - edge);
    });
}

function CaseTable({
  predictions,
  onlyErrors,
  sheets,
}: {
  predictions: Predictions;
  onlyErrors: boolean;
  sheets: readonly Thumbnails[];
}) {
  const [shown, setShown] = useState(step);
  const cases = useMemo(() => casesOf(predictions), [predictions]);
  const find = useMemo(() => pictureFinder(sheets, predictions.split), [sheets, predictions.split]);
  const pictured = cases.some(({ id }) => find(id) !== null);
  const listed = onlyErrors ? cases.filter((each) => each.wrong) : cases;
  const className = (index: number) => predictions.classes[index] ?? String(index);
  const errors = cases.filter((each) => each.wrong).length;
  const positive = predictions.positiveClass;
  return (
    <>
      <p className="small">
        <strong>
          {count(errors)} of {count(cases.length)}
        </strong>{" "}
        cases decided wrongly ({share(cases.length === 0 ? null : errors / cases.length, 1)}), at epoch{" "}
        {predictions.epoch}
        {predictions.threshold === null ? "" : `, threshold ${significant(predictions.threshold)}`}.
      </p>
      <ScrollRegion className={classes.cases} label="Cases">
        <table className="data-table">
          <caption className="visually-hidden">Cases, wrongly decided ones first</caption>
          <thead>
            <tr>
              <th scope="col">Case</th>
              {pictured ? <th scope="col">Picture</th> : null}
              <th scope="col">True</th>
              <th scope="col">Decided</th>
              <th scope="col">
                {positive === null ? "Score of the decision" : `Score of ${className(positive)}`}
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.slice(0, shown).map((each) => (
              <tr key={each.id}>
                <th scope="row" className="mono">
                  {each.id}
                </th>
                {pictured ? (
                  <td>
                    <CaseThumbnail
                      picture={find(each.id)}
                      caseId={each.id}
                      trueClass={className(each.label)}
                    />
                  </td>
                ) : null}
                <td>{className(each.label)}</td>
                <td className={each.wrong ? classes.wrong : undefined}>
                  {each.wrong ? "✕ " : ""}
                  {className(each.predicted)}
                </td>
                <td>
                  <span className={classes.score}>
                    <span className={classes.scoreTrack} aria-hidden>
                      <span style={{ width: `${Math.max(0, Math.min(1, each.score)) * 100}%` }} />
                      {predictions.threshold === null ? null : (
                        <i style={{ left: `${predictions.threshold * 100}%` }} />
                      )}
                    </span>
                    <span className="num">
                      {Number.isFinite(each.score) ? each.score.toFixed(3) : significant(each.score)}
                    </span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {listed.length > shown ? (
        <Button variant="default" size="xs" mt="sm" onClick={() => setShown((current) => current + step)}>
          Show {Math.min(step, listed.length - shown)} more of {count(listed.length)}
        </Button>
      ) : null}
    </>
  );
}

/** A run answers several questions about the same cases, when it was not trained for their classes. */
const keyOf = ({ split, question }: Predictions) => (question ? `${split}/${question}` : split);

export function PredictionsPanel({
  run,
  split,
  onSplit,
  onlyErrors,
  onOnlyErrors,
}: {
  run: RunDetail;
  /** With the question that is answered, where there are several; the test split where none is named. */
  split: string;
  onSplit: (split: string) => void;
  onlyErrors: boolean;
  onOnlyErrors: (only: boolean) => void;
}) {
  const query = useQuery(runPredictionsQuery(run.id));
  const sheets = useQuery(runThumbnailsQuery(run.id)).data ?? noSheets;
  const chosen =
    query.data?.find((each) => keyOf(each) === split) ??
    query.data?.find((each) => each.split === "test") ??
    query.data?.[0];
  return (
    <Section
      title="Which cases did it get wrong?"
      aside={
        query.data && query.data.length > 0 ? (
          <>
            <Switch
              size="xs"
              label="Only errors"
              checked={onlyErrors}
              onChange={(event) => onOnlyErrors(event.currentTarget.checked)}
            />
            {query.data.length > 1 ? (
              <NativeSelect
                size="xs"
                aria-label={query.data.some(({ question }) => question) ? "Split and question" : "Split"}
                value={chosen && keyOf(chosen)}
                data={query.data.map((each) => ({
                  value: keyOf(each),
                  label: keyOf(each).replace("/", " · "),
                }))}
                onChange={(event) => onSplit(event.currentTarget.value)}
              />
            ) : null}
          </>
        ) : null
      }
    >
      <QueryView query={query} height={420} label="Loading the predictions">
        {() =>
          chosen ? (
            <CaseTable key={keyOf(chosen)} predictions={chosen} onlyErrors={onlyErrors} sheets={sheets} />
          ) : (
            <EmptyState title="No predictions yet.">
              They are written when the run ends, at the epoch that the sweep selects.
            </EmptyState>
          )
        }
      </QueryView>
    </Section>
  );
}
