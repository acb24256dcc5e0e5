import { Button } from "@mantine/core";
import type { Run } from "@reprise/contracts";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { chartCsv } from "../../shared/charts/chart-data.js";
import { saveFile } from "../../shared/charts/download.js";
import type { RunsColumn } from "./columns.js";

function csvOf(runs: readonly Run[], columns: readonly RunsColumn[]): Blob {
  const text = chartCsv({
    columns: ["run", ...columns.map(({ key }) => key)],
    rows: runs.map((run) => [run.id, ...columns.map((column) => column.text(run))]),
  });
  return new Blob([text], { type: "text/csv;charset=utf-8" });
}

/** Saves the shown columns of all runs, once those that have not been scrolled to are read too. */
export function CsvButton({
  columns,
  readAll,
}: {
  columns: readonly RunsColumn[];
  readAll: () => Promise<readonly Run[]>;
}) {
  const [saving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    try {
      saveFile("runs.csv", csvOf(await readAll(), columns));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={14} />}
      loading={saving}
      onClick={() => void save()}
    >
      CSV
    </Button>
  );
}
