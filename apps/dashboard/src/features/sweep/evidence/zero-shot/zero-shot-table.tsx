import type { ZeroShotConfiguration, ZeroShotSummary } from "@reprise/contracts";
import {
  finiteOrNull,
  metricDifference,
  metricValue,
  missing,
  share,
} from "../../../../shared/format/numbers.js";
import { type DataColumn, DataTable } from "../../../../shared/ui/data-table.js";
import { SecondLine } from "../../../../shared/ui/second-line.js";

const shownRates = ["accuracy", "sensitivity", "specificity"] as const;

function Figure({
  configuration,
  question,
  rate,
}: {
  configuration: ZeroShotConfiguration;
  question: string;
  rate: (typeof shownRates)[number];
}) {
  const figure = configuration.figures.find(
    (candidate) => candidate.question === question && candidate.rate === rate,
  );
  if (!figure) return <>{missing}</>;
  const sd = finiteOrNull(figure.sd);
  return (
    <span className="nowrap">
      {metricValue(figure.mean, "fraction", sd)}
      {sd === null ? null : <SecondLine>SD {metricDifference(sd, "fraction")}</SecondLine>}
      {figure.published ? <SecondLine>published {figure.published.printed}</SecondLine> : null}
    </span>
  );
}

/** Tables 7 to 10 of the CLIP study: accuracy on every set, sensitivity and specificity where a class is the positive one. */
export function ZeroShotTable({ summary }: { summary: ZeroShotSummary }) {
  const { questions, configurations } = summary;
  const severalArms = new Set(configurations.map(({ arm }) => arm)).size > 1;
  const hasSets = configurations.some(({ set }) => set !== null);
  const figures = questions.flatMap(({ question, positiveClass }) =>
    shownRates
      .filter((rate) => rate === "accuracy" || positiveClass !== null)
      .map((rate) => ({ question, rate, positiveClass })),
  );
  const columns: DataColumn<ZeroShotConfiguration>[] = [
    { key: "configuration", header: "Configuration", cell: (row) => row.configurationLabel },
    ...(hasSets
      ? [{ key: "set", header: "Set", cell: (row: ZeroShotConfiguration) => row.set ?? missing }]
      : []),
    ...(severalArms ? [{ key: "arm", header: "Arm", cell: (row: ZeroShotConfiguration) => row.arm }] : []),
    {
      key: "runs",
      header: "Runs",
      right: true,
      cell: (row) => (
        <span className="nowrap">
          {row.runs}
          <SecondLine>
            {row.seeds} {row.seeds === 1 ? "seed" : "seeds"}
          </SecondLine>
        </span>
      ),
    },
    ...figures.map(({ question, rate, positiveClass }) => ({
      key: `${question} ${rate}`,
      header: (
        <>
          {question}
          <SecondLine>{rate}</SecondLine>
        </>
      ),
      title:
        positiveClass === null
          ? `Mean ${rate} over runs`
          : `Mean ${rate} over runs, positive class ${positiveClass}`,
      right: true,
      cell: (row: ZeroShotConfiguration) => <Figure configuration={row} question={question} rate={rate} />,
    })),
  ];
  return (
    <DataTable
      label="Zero-shot figures by configuration"
      caption={`Mean over runs, with the SD between runs of one configuration, seeds included. Guessing reaches an accuracy of ${questions.map(({ question, chance, cases }) => `${share(chance, 1)} on ${question} (${cases} cases)`).join(", ")}.`}
      rows={configurations}
      keyOf={(row) => `${row.configurationKey} ${row.arm}`}
      columns={columns}
    />
  );
}
