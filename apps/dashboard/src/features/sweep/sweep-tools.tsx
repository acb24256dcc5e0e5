import { Button, Menu, NativeSelect } from "@mantine/core";
import { analyses, analysisNames, runsExportNames, runsExports, type Sweep } from "@reprise/contracts";
import { IconFileExport, IconReport } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { shortLabel } from "../../shared/format/numbers.js";
import { exportFormats, exportHref, runsExportHref } from "../../shared/ui/export-links.js";
import { useNarrow } from "../../shared/ui/use-narrow.js";
import classes from "./sweep-tools.module.css";
import { useShownMetric } from "./use-metric-choices.js";

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
  const narrow = useNarrow();
  const { key: metric, choices } = useShownMetric(sweep, asked);
  const primaryMetric = sweep.spec.analysisPlan?.primaryMetric;
  const options = choices.map((choice) => ({
    value: choice.key,
    label:
      choice.key === primaryMetric && sweep.analysisPlanDigest !== null
        ? `${shortLabel(choice.label, choice.key)} (planned)`
        : shortLabel(choice.label, choice.key),
  }));
  if (metric && !options.some((option) => option.value === metric)) {
    options.unshift({ value: metric, label: metric });
  }
  const reportMetric = metric === primaryMetric ? "" : (metric ?? "");
  const reportLink = (props: object) => (
    <Link
      to="/sweeps/$sweepId/report"
      params={{ sweepId }}
      search={{ metric: reportMetric, length: "" }}
      {...props}
    />
  );
  return (
    <div className={classes.tools}>
      <NativeSelect
        size="xs"
        className={classes.metric}
        aria-label="Metric"
        value={metric ?? ""}
        data={options}
        onChange={(event) =>
          onMetric(event.currentTarget.value === primaryMetric ? "" : event.currentTarget.value)
        }
      />
      {narrow ? null : (
        <Button renderRoot={reportLink} variant="default" size="xs" leftSection={<IconReport size={14} />}>
          Report
        </Button>
      )}
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<IconFileExport size={14} />}>
            {narrow ? "Report" : "Export"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {narrow ? (
            <Menu.Item leftSection={<IconReport size={14} />} renderRoot={reportLink}>
              Read the report
            </Menu.Item>
          ) : null}
          <Menu.Label>Runs with settings and histories</Menu.Label>
          {runsExportNames.map((format) => (
            <Menu.Item key={format} component="a" href={runsExportHref(sweepId, format)} download>
              {runsExports[format].label}
            </Menu.Item>
          ))}
          {analysisNames.map((name) => (
            <div key={name}>
              <Menu.Label>{analyses[name].title}</Menu.Label>
              {exportFormats.map(({ format, label }) => (
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
