import { Button, Menu, NativeSelect } from "@mantine/core";
import {
  type AnalysisName,
  analyses,
  analysisNames,
  type ExportFormat,
  type Sweep,
} from "@reprise/contracts";
import { IconFileExport, IconReport } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { analysisPath } from "../../shared/api/analysis-queries.js";
import { apiRoot } from "../../shared/api/client.js";
import { shortLabel } from "../../shared/format/numbers.js";
import classes from "./sweep-tools.module.css";
import { useShownMetric } from "./use-metric-choices.js";

const formats: { format: ExportFormat; label: string }[] = [
  { format: "csv", label: "CSV" },
  { format: "latex", label: "LaTeX" },
  { format: "markdown", label: "Markdown" },
];

function exportHref(sweepId: string, name: AnalysisName, metric: string | undefined, format: ExportFormat) {
  const path = apiRoot + analysisPath(sweepId, name, metric);
  return `${path}${path.includes("?") ? "&" : "?"}format=${format}`;
}

/** Which metric the page is about, and its tables to take away. */
export function SweepTools({
  sweep,
  metric: asked,
  onMetric,
}: {
  sweep: Sweep;
  metric: string | undefined;
  onMetric: (metric: string) => void;
}) {
  const sweepId = sweep.id;
  const { key: metric, choices } = useShownMetric(sweep, asked);
  const primaryMetric = sweep.spec.analysisPlan?.primaryMetric;
  const options = choices.map((choice) => ({
    value: choice.key,
    label: choice.key === primaryMetric ? `${shortLabel(choice.label)} (planned)` : shortLabel(choice.label),
  }));
  if (metric && !options.some((option) => option.value === metric)) {
    options.unshift({ value: metric, label: metric });
  }
  return (
    <div className={classes.tools}>
      <NativeSelect
        size="xs"
        w={240}
        aria-label="Metric"
        value={metric ?? ""}
        data={options}
        onChange={(event) =>
          onMetric(event.currentTarget.value === primaryMetric ? "" : event.currentTarget.value)
        }
      />
      <Button
        renderRoot={(props) => (
          <Link
            to="/sweeps/$sweepId/report"
            params={{ sweepId }}
            search={{ metric: metric === primaryMetric ? "" : (metric ?? "") }}
            {...props}
          />
        )}
        variant="default"
        size="xs"
        leftSection={<IconReport size={14} />}
      >
        Report
      </Button>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<IconFileExport size={14} />}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {analysisNames.map((name) => (
            <div key={name}>
              <Menu.Label>{analyses[name].title}</Menu.Label>
              {formats.map(({ format, label }) => (
                <Menu.Item
                  key={format}
                  component="a"
                  href={exportHref(sweepId, name, metric, format)}
                  download
                  aria-label={`${analyses[name].title} as ${label}`}
                >
                  {label}
                </Menu.Item>
              ))}
            </div>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
