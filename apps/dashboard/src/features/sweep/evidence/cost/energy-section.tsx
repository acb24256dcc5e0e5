import type { EnergyAnalysis, EnergyRow, Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../../../shared/api/analysis-queries.js";
import { carbonText, energyText } from "../../../../shared/format/energy.js";
import { count, finiteOrNull } from "../../../../shared/format/numbers.js";
import type { ArmMark } from "../../../../shared/marks/arm-marks.js";
import { ArmName } from "../../../../shared/marks/arm-name.js";
import { DataTable } from "../../../../shared/ui/data-table.js";
import { ExportLinks } from "../../../../shared/ui/export-links.js";
import { Note, Notes } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { Section } from "../../../../shared/ui/section.js";
import { EmptyState } from "../../../../shared/ui/states.js";
import { VerdictList } from "../../../../shared/ui/verdict-list.js";
import { useArmMarks } from "../../use-arm-marks.js";

const ledgerWords: Record<EnergyAnalysis["ledger"][number]["kind"], string> = {
  experiment: "runs behind the reported figures",
  departed: "runs that did not run as requested",
  excluded: "excluded runs",
  failed: "failed runs",
  cancelled: "cancelled runs",
  pruned: "pruned runs",
  unfinished: "runs that have not ended",
  verification: "verifications",
  replay: "replays",
};

function ByArm({ rows, marks }: { rows: readonly EnergyRow[]; marks: readonly ArmMark[] }) {
  return (
    <DataTable
      label="Energy by configuration and arm"
      rows={rows}
      keyOf={(row) => `${row.configurationKey} ${row.arm}`}
      columns={[
        { key: "configuration", header: "Configuration", cell: (row) => row.configurationLabel },
        {
          key: "arm",
          header: "Arm",
          cell: (row) => <ArmName arm={row.arm} marks={marks} />,
        },
        { key: "runs", header: "Runs", right: true, cell: (row) => row.runs },
        { key: "recorded", header: "Recorded", right: true, cell: (row) => row.recorded },
        {
          key: "perRun",
          header: "Energy per run",
          right: true,
          cell: (row) => energyText(finiteOrNull(row.kWhPerRun)),
        },
        { key: "energy", header: "Energy", right: true, cell: (row) => energyText(row.kWh) },
        { key: "carbon", header: "Carbon", right: true, cell: (row) => carbonText(row.gCO2e) },
      ]}
    />
  );
}

/** Table VI: what the reported runs used, and what everything used. */
export function EnergySection({ sweep }: { sweep: Sweep }) {
  const marks = useArmMarks(sweep);
  const query = useQuery(analysisQuery(sweep.id, "energy"));
  return (
    <Section
      title="What did the study cost in energy?"
      lead="Energy and carbon of the runs behind the figures, and of everything that was run for them."
      aside={<ExportLinks sweepId={sweep.id} name="energy" title="Energy and carbon" />}
    >
      <QueryView query={query} height={260} label="Loading energy">
        {(analysis) =>
          analysis.allRuns.recorded === 0 ? (
            <EmptyState title="No energy was recorded.">
              Workers record it for every run that they train; runs logged from elsewhere have none.
            </EmptyState>
          ) : (
            <>
              <VerdictList verdicts={analysis.verdicts.map((verdict) => ({ ...verdict, basis: [] }))} />
              <ByArm rows={analysis.rows} marks={marks} />
              <DataTable
                label="Energy by what the runs were for"
                caption="What the energy went into"
                rows={analysis.ledger}
                keyOf={(row) => row.kind}
                columns={[
                  { key: "kind", header: "For", cell: (row) => ledgerWords[row.kind] },
                  { key: "runs", header: "Runs", right: true, cell: (row) => row.runs },
                  { key: "recorded", header: "Recorded", right: true, cell: (row) => row.recorded },
                  { key: "energy", header: "Energy", right: true, cell: (row) => energyText(row.kWh) },
                  { key: "carbon", header: "Carbon", right: true, cell: (row) => carbonText(row.gCO2e) },
                ]}
              />
              <Notes notes={analysis.notes} />
              <details>
                <summary>How was it measured? {count(analysis.methods.length, "way")}</summary>
                {analysis.methods.slice(0, 20).map((method) => (
                  <Note key={method}>{method}</Note>
                ))}
                {analysis.methods.length > 20 ? <Note>The first 20; every run records its own.</Note> : null}
              </details>
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
