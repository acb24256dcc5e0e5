import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconTable } from "@tabler/icons-react";
import { Fragment, type ReactNode, useId, useRef, useState } from "react";
import { significant } from "../format/numbers.js";
import { hasClipboard } from "../ui/copy-icon.js";
import { Explained } from "../ui/explained.js";
import { notifyRefused } from "../ui/notify-refused.js";
import { ScrollRegion } from "../ui/scroll-region.js";
import { type ChartData, chartCsv } from "./chart-data.js";
import classes from "./chart-frame.module.css";
import { saveFile } from "./download.js";
import { figureFormats, figureWidths } from "./figure-choices.js";

function cellText(value: string | number | null): string {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? significant(value, 5) : String(value);
}

/** Says which letters a saved figure holds as pictures, so that nobody finds out in print. */
function notifyPictured(letters: readonly string[]): void {
  if (letters.length === 0) return;
  notifications.show({
    title: "Some letters are small pictures",
    message: `The font of figures has no shapes for ${letters.join(" ")}: they were drawn as this browser shows them, at 600 dots per inch.`,
  });
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
  const words = useRef<HTMLParagraphElement>(null);
  const [showTable, setShowTable] = useState(false);
  /** Title and how to read it, as they stand below a figure in print. */
  const captionText = () => `${title} ${words.current?.textContent ?? ""}`.trim();
  const withDrawing = (act: (container: HTMLElement) => void) => () => {
    if (drawing.current) act(drawing.current);
  };
  return (
    <section className={classes.frame} aria-labelledby={headingId}>
      <div className={classes.head}>
        <div className={classes.words}>
          <h2 id={headingId}>{title}</h2>
          {lead ? (
            <p className={classes.lead} ref={words}>
              {typeof lead === "string" ? <Explained text={lead} /> : lead}
            </p>
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
              {hasClipboard() ? (
                <Menu.Item onClick={() => void navigator.clipboard.writeText(captionText())}>
                  Copy title and caption
                </Menu.Item>
              ) : (
                <Menu.Item
                  onClick={() =>
                    saveFile(
                      `${name} caption.txt`,
                      new Blob([`${captionText()}\n`], { type: "text/plain;charset=utf-8" }),
                    )
                  }
                >
                  Title and caption as text
                </Menu.Item>
              )}
              {figureWidths.map((width) => (
                <Fragment key={width}>
                  <Menu.Label>Figure, {width} mm wide</Menu.Label>
                  {figureFormats.map((format) => (
                    <Menu.Item
                      key={format}
                      aria-label={`${format.toUpperCase()}, ${width} mm`}
                      onClick={withDrawing((container) => {
                        void import("./save-figure.js")
                          .then(({ saveFigure }) =>
                            saveFigure(container, { name, title, caption: captionText() }, format, width),
                          )
                          .then(notifyPictured)
                          .catch((error: unknown) =>
                            notifyRefused(
                              "The figure was not made",
                              error instanceof Error ? error : new Error(String(error)),
                              "Nothing was changed.",
                            ),
                          );
                      })}
                    >
                      {format.toUpperCase()}
                    </Menu.Item>
                  ))}
                </Fragment>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <div>
        <div ref={drawing} className={classes.drawing}>
          {legend}
          {children}
        </div>
      </div>
      <div id={tableId}>{showTable ? <ChartTable data={data} caption={title} /> : null}</div>
    </section>
  );
}
