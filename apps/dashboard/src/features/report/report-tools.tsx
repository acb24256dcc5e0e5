import { Button, Menu, SegmentedControl } from "@mantine/core";
import {
  IconDownload,
  IconFileText,
  IconMarkdown,
  IconPackageExport,
  IconPrinter,
  IconTex,
} from "@tabler/icons-react";
import { apiRoot } from "../../shared/api/client.js";
import classes from "./report-tools.module.css";

const files = [
  { format: "markdown", label: "Markdown", download: "report.md", icon: IconMarkdown },
  { format: "latex", label: "LaTeX", download: "report.tex", icon: IconTex },
] as const;

/** How long the report is, and as what it is downloaded. */
export function ReportTools({
  sweepId,
  metric,
  length,
  onLength,
  hasEnded,
}: {
  sweepId: string;
  metric: string | undefined;
  length: "" | "short";
  onLength: (length: "" | "short") => void;
  hasEnded: boolean;
}) {
  const address = (format: string) =>
    `${apiRoot}/sweeps/${sweepId}/report?format=${format}${length === "" ? "" : `&length=${length}`}${metric ? `&metric=${encodeURIComponent(metric)}` : ""}`;
  return (
    <div className={classes.tools}>
      <SegmentedControl
        size="xs"
        aria-label="Length of the report"
        value={length === "" ? "full" : length}
        data={[
          { value: "short", label: "Short" },
          { value: "full", label: "Full" },
        ]}
        onChange={(value) => onLength(value === "short" ? "short" : "")}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<IconDownload size={15} />}>
            Download
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {files.map(({ format, label, download, icon: Icon }) => (
            <Menu.Item
              key={format}
              component="a"
              href={address(format)}
              download={download}
              leftSection={<Icon size={15} />}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Item
            component="a"
            href={address("html")}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconFileText size={15} />}
          >
            HTML
          </Menu.Item>
          {hasEnded ? (
            <Menu.Item
              component="a"
              href={`${apiRoot}/sweeps/${sweepId}/crate`}
              download
              leftSection={<IconPackageExport size={15} />}
            >
              RO-Crate
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPrinter size={15} />}
        title="On paper, or as PDF with running title and page numbers"
        onClick={() => window.print()}
      >
        Print or PDF
      </Button>
    </div>
  );
}
