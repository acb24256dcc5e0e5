import { SegmentedControl } from "@mantine/core";
import type { ClassificationRow } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Section } from "../../../../shared/ui/section.js";
import { CellChoice, cellKey } from "../cell-choice.js";
import { QuestionChoice, rowsAbout } from "../question-choice.js";
import { Beside } from "./beside.js";
import { type ClassConfusion, ConfusionMatrix, RecallTable } from "./confusion-matrix.js";

type Counted = ClassificationRow & { classConfusion: ClassConfusion };
const isCounted = (row: ClassificationRow): row is Counted => row.classConfusion !== null;

/** Which classes are taken for which, where there are more than two; nothing elsewhere. */
export function ClassConfusionSection({
  sweepId,
  question,
  onQuestion,
  arm,
  onArm,
  cell,
  onCell,
}: {
  sweepId: string;
  /** Evaluation set of a zero-shot study; "" for the first of several classes. */
  question: string;
  onQuestion: (question: string) => void;
  /** Whose first run is counted; "" for the first. */
  arm: string;
  onArm: (arm: string) => void;
  cell: string;
  onCell: (cell: string) => void;
}) {
  const query = useQuery(analysisQuery(sweepId, "classification"));
  const all = (query.data?.rows ?? []).filter(isCounted);
  const rows = rowsAbout(all, question).filter(isCounted);
  const groups = [...new Map(rows.map((row) => [cellKey(row.group), row.group])).values()];
  const group = groups.find((candidate) => cellKey(candidate) === cell) ?? groups[0];
  const arms = group ? rows.filter((row) => cellKey(row.group) === cellKey(group)) : [];
  const row = arms.find((candidate) => candidate.arm === arm) ?? arms[0];
  if (!group || !row) return null;
  const { classConfusion, n } = row;
  return (
    <Section
      title="Which classes are confused with which?"
      lead={
        classConfusion.mistake === null
          ? "This run classifies every case of the test split correctly."
          : `${classConfusion.mistake}. Counts and 95 % Wilson intervals are of one run; runs decide the same cases, so their counts are not added up.`
      }
      aside={
        <>
          <QuestionChoice rows={all} chosen={question} onChoose={onQuestion} />
          <CellChoice
            label="Configuration and seed of the classes"
            groups={groups}
            cell={cellKey(group)}
            onCell={onCell}
          />
          {arms.length > 1 ? (
            <SegmentedControl
              size="xs"
              aria-label="Arm"
              value={row.arm}
              data={arms.map((candidate) => candidate.arm)}
              onChange={onArm}
            />
          ) : null}
          <ExportLinks
            sweepId={sweepId}
            name="classification"
            table="confusions"
            title="Classes confused with one another"
            label="All"
          />
        </>
      }
    >
      <Beside>
        <ConfusionMatrix confusion={classConfusion} />
        <RecallTable confusion={classConfusion} runs={n} />
      </Beside>
    </Section>
  );
}
