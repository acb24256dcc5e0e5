import { NativeSelect } from "@mantine/core";
import type { ClassificationRow } from "@reprise/contracts";

/** Evaluation sets that rows are about; empty for the classes of the data set alone. */
export const questionsOf = (rows: readonly ClassificationRow[]) => [
  ...new Set(rows.flatMap(({ question }) => question ?? [])),
];

/** Rows of the chosen evaluation set: without a choice the first with a positive class, because it has a sensitivity. */
export function rowsAbout(rows: readonly ClassificationRow[], chosen: string): ClassificationRow[] {
  const questions = questionsOf(rows);
  const binary = rows.find(({ question, positiveClass }) => question !== null && positiveClass !== null);
  const question = questions.includes(chosen) ? chosen : (binary?.question ?? questions[0] ?? null);
  return rows.filter((row) => row.question === question);
}

/** Which evaluation set of a zero-shot study is shown; nothing where there is no choice. */
export function QuestionChoice({
  rows,
  chosen,
  onChoose,
}: {
  rows: readonly ClassificationRow[];
  chosen: string;
  onChoose: (question: string) => void;
}) {
  const questions = questionsOf(rows);
  if (questions.length < 2) return null;
  return (
    <NativeSelect
      size="xs"
      aria-label="Evaluation set"
      value={rowsAbout(rows, chosen)[0]?.question ?? ""}
      data={questions}
      onChange={(event) => onChoose(event.currentTarget.value)}
    />
  );
}
