import { Button, Menu } from "@mantine/core";
import { IconDownload, IconTable } from "@tabler/icons-react";
import { type ReactNode, useId, useRef, useState } from "react";
import { significant } from "../format/numbers.js";
import { Explained } from "../ui/explained.js";
import { ScrollRegion } from "../ui/scroll-region.js";
import { type ChartData, chartCsv } from "./chart-data.js";
import classes from "./chart-frame.module.css";
import { containerToPng, containerToSvg, saveFile } from "./download.js";

function cellText(value: string | number | null): string {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? significant(value, 5) : String(value);
}

/** The rows behind a chart, scrolling in their own box. */
function ChartTable({ data, caption }: { data: ChartData; caption: string }) {
  return (
    <ScrollRegion className={classes.table} label={`Data: ${caption}`}>
      <table className="data-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {data.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.slice(0, 500).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own and never move
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={data.columns[column]} className={typeof cell === "number" ? "right" : undefined}>
                  {cellText(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {data.rows.length > 500 ? (
        <p className="dim small">The first 500 of {data.rows.length} rows; the CSV has all.</p>
      ) : null}
    </ScrollRegion>
  );
}

/**
 * What every chart has: a question as title, words about how to read it, its data as a table, and downloads.
 * `children` is the drawing; panels inside are `svg[data-chart]` or Recharts surfaces.
 */
export function ChartFrame({
  title,
  lead,
  name,
  data,
  controls,
  legend,
  children,
}: {
  title: string;
  lead?: ReactNode;
  /** File name without extension. */
  name: string;
  data: ChartData;
  controls?: ReactNode;
  legend?: ReactNode;
  children: ReactNode;
}) {
  const headingId = useId();
  const tableId = useId();
  const drawing = useRef<HTMLDivElement>(null);
  const [showTable, setShowTable] = useState(false);
  const withDrawing = (act: (container: HTMLElement) => void) => () => {
    if (drawing.current) act(drawing.current);
  };
  return (
    <section className={classes.frame} aria-labelledby={headingId}>
      <div className={classes.head}>
        <div className={classes.words}>
          <h2 id={headingId}>{title}</h2>
          {lead ? (
            <p className={classes.lead}>{typeof lead === "string" ? <Explained text={lead} /> : lead}</p>
          ) : null}
        </div>
        <div className={classes.controls}>
          {controls}
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconTable size={15} stroke={1.6} />}
            aria-expanded={showTable}
            aria-controls={tableId}
            onClick={() => setShowTable((shown) => !shown)}
          >
            {showTable ? "Hide data" : "Show data"}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                leftSection={<IconDownload size={15} stroke={1.6} />}
                aria-label={`Save: ${title}`}
              >
                Save
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                onClick={() =>
                  saveFile(`${name}.csv`, new Blob([chartCsv(data)], { type: "text/csv;charset=utf-8" }))
                }
              >
                Data as CSV
              </Menu.Item>
              <Menu.Item
                onClick={withDrawing((container) =>
                  saveFile(
                    `${name}.svg`,
                    new Blob([containerToSvg(container).text], { type: "image/svg+xml" }),
                  ),
                )}
              >
                Drawing as SVG
              </Menu.Item>
              <Menu.Item
                onClick={withDrawing((container) => {
                  void containerToPng(container).then((blob) => saveFile(`${name}.png`, blob));
                })}
              >
                Picture as PNG
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      {legend}
      <div ref={drawing}>{children}</div>
      <div id={tableId}>{showTable ? <ChartTable data={data} caption={title} /> : null}</div>
    </section>
  );
}
