import type { StripRun } from "@reprise/contracts";
import { type KeyboardEvent, type MouseEvent, memo, useId, useMemo, useRef, useState } from "react";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import classes from "./digest-strip.module.css";
import { oddRows } from "./odd-rows.js";
import { layoutDense, layoutStrip, type PlacedRow, type StripRow, stripRows } from "./strip-layout.js";
import { StripSquare, TextureDefinitions } from "./strip-square.js";
import { neighbour, squareName } from "./strip-squares.js";
import { useWidth } from "./use-width.js";

const rowsAtFirst = 24;
/** Among so few rows an odd one is seen without words. */
const fewRows = 8;
const mostNamed = 8;

/** Around the squares of a row that is not like the others. */
function OddFrame({ row, size }: { row: PlacedRow; size: number }) {
  const xs = row.squares.map(({ x }) => x);
  const left = Math.min(...xs) - 4;
  return (
    <rect
      x={left}
      y={row.y - 4}
      width={Math.max(...xs) + size + 4 - left}
      height={row.height + 8}
      rx={4}
      className={classes.odd}
      aria-hidden
    />
  );
}

/** The rows that are framed, in words. */
function OddList({
  odd,
  rows,
  labelOf,
}: {
  odd: ReadonlyMap<string, string>;
  rows: readonly StripRow[];
  labelOf: (configuration: string) => string;
}) {
  const own = rows.filter(({ key }) => odd.has(key));
  return (
    <div className={classes.oddList}>
      <p>{own.length === 1 ? "One row is" : `${own.length} rows are`} not like the others:</p>
      <ul>
        {own.slice(0, mostNamed).map(({ key, configurationKey, seed }) => (
          <li key={key}>
            <strong>
              {labelOf(configurationKey)}, seed {seed}
            </strong>
            : {odd.get(key)}
          </li>
        ))}
        {own.length > mostNamed ? <li>and {own.length - mostNamed} more, framed above</li> : null}
      </ul>
    </div>
  );
}

/**
 * The signature view: a row per configuration × seed, a square per repeat, grouped by arm. Equal looks in a row mean
 * equal digests. One tab stop; arrows move, Enter opens.
 */
export const DigestStrip = memo(function DigestStrip({
  runs,
  arms,
  hrefOf,
  onOpen,
  chosen,
  dense,
  whole = false,
}: {
  runs: readonly StripRun[];
  arms: readonly ArmMark[];
  hrefOf: (runId: string) => string;
  onOpen: (runId: string) => void;
  /** A run that is marked, as the first of a pair to compare. */
  chosen?: string | null;
  /** A line per configuration instead of one per seed, where there is room for it. */
  dense: boolean;
  /** All rows at once, where nobody can ask for the others. */
  whole?: boolean;
}) {
  const { ref, width } = useWidth();
  const prefix = useId();
  const svg = useRef<SVGSVGElement>(null);
  /** The square that Tab returns to, and whether it has the focus now. */
  const [stop, setStop] = useState<string | null>(null);
  const [hasFocus, setHasFocus] = useState(false);
  const [pointed, setPointed] = useState<string | null>(null);
  const [all, setAll] = useState(whole);
  const armNames = useMemo(() => arms.map((arm) => arm.name), [arms]);
  const labels = useMemo(
    () => new Map(runs.map((run) => [run.configurationKey, run.configurationLabel])),
    [runs],
  );
  const rows = useMemo(() => stripRows(runs, armNames), [runs, armNames]);
  const odd = useMemo(() => oddRows(rows, armNames), [rows, armNames]);
  const layout = useMemo(() => {
    if (width === null) return null;
    const compact = dense ? layoutDense(rows, armNames, labels, width) : null;
    return compact ?? layoutStrip(all ? rows : rows.slice(0, rowsAtFirst), armNames, labels, width);
  }, [rows, all, dense, armNames, labels, width]);

  if (layout === null) {
    return <div ref={ref} style={{ height: 30 + Math.min(rows.length, rowsAtFirst) * 32 + 40 }} />;
  }
  const { size } = layout;
  const squares = layout.rows.flatMap((row) => row.squares);
  const labelOf = (key: string) => labels.get(key) ?? key.slice(0, 8);
  const current = squares.find((square) => square.run.id === (pointed ?? (hasFocus ? stop : null)));
  const tabStop = squares.some((square) => square.run.id === stop) ? stop : squares[0]?.run.id;

  const move = (event: KeyboardEvent, id: string) => {
    const target = neighbour(layout.rows, id, event.key);
    if (!target) return;
    event.preventDefault();
    setStop(target);
    svg.current?.querySelector<SVGAElement>(`a[data-run="${target}"]`)?.focus();
  };
  const open = (event: MouseEvent, id: string) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(id);
  };

  return (
    <div ref={ref}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group inside SVG has no element of its own */}
      <svg
        ref={svg}
        data-chart=""
        role="group"
        aria-label="Digest strip: one row per configuration and seed, one square per repeat"
        width={layout.width}
        height={layout.height}
        className={classes.strip}
      >
        <TextureDefinitions prefix={prefix} />
        {layout.sideBySide
          ? layout.arms.map((arm) => (
              <g key={arm.name} transform={`translate(${arm.x} 0)`}>
                <text y={13} className={classes.armName}>
                  {arm.name}
                </text>
                <rect y={20} width={arm.width} height={3} fill={markOf(arms, arm.name).color} />
              </g>
            ))
          : null}
        {layout.rows.map((row) => (
          <g key={row.key}>
            {row.heading ? (
              <text
                x={0}
                y={layout.headingsAbove ? row.y - 11 : row.y + size / 2}
                dominantBaseline={layout.headingsAbove ? undefined : "central"}
                className={classes.heading}
              >
                {row.heading}
              </text>
            ) : null}
            {row.seedAt ? (
              <text
                x={row.seedAt.x}
                y={row.seedAt.y}
                textAnchor={row.seedAt.anchor}
                dominantBaseline="central"
                className={classes.seed}
              >
                seed {row.seed}
              </text>
            ) : null}
            {odd.has(row.key) ? <OddFrame row={row} size={size} /> : null}
            {layout.summaryX === null ? null : (
              <text
                x={layout.summaryX}
                y={row.y + size / 2}
                dominantBaseline="central"
                className={classes.summary}
              >
                {row.summary}
              </text>
            )}
            {row.squares.map((square) => (
              <g key={square.run.id} transform={`translate(${square.x} ${square.y})`}>
                <a
                  href={hrefOf(square.run.id)}
                  data-run={square.run.id}
                  tabIndex={square.run.id === tabStop ? 0 : -1}
                  aria-label={squareName(square, labelOf(square.run.configurationKey))}
                  className={classes.square}
                  onClick={(event) => open(event, square.run.id)}
                  onKeyDown={(event) => move(event, square.run.id)}
                  onFocus={() => {
                    setStop(square.run.id);
                    setHasFocus(true);
                  }}
                  onBlur={() => setHasFocus(false)}
                  onPointerEnter={() => setPointed(square.run.id)}
                  onPointerLeave={() => setPointed(null)}
                >
                  {layout.sideBySide ? null : (
                    <rect
                      y={size + 1}
                      width={size}
                      height={2}
                      fill={markOf(arms, square.run.arm).color}
                      aria-hidden
                    />
                  )}
                  <StripSquare square={square} size={size} prefix={prefix} />
                  <rect
                    x={-2.5}
                    y={-2.5}
                    width={size + 5}
                    height={size + 5}
                    rx={5}
                    className={classes.ring}
                    data-chosen={square.run.id === chosen || undefined}
                  />
                </a>
              </g>
            ))}
          </g>
        ))}
      </svg>
      <p className={classes.readout} aria-hidden>
        {current
          ? squareName(current, labelOf(current.run.configurationKey))
          : "Point at a square, or move with the arrow keys, to read it here."}
      </p>
      {odd.size > 0 && rows.length > fewRows ? <OddList odd={odd} rows={rows} labelOf={labelOf} /> : null}
      {!whole && (rows.length > layout.rows.length || all) ? (
        <button type="button" className={classes.more} onClick={() => setAll((value) => !value)}>
          {all ? `Show the first ${rowsAtFirst} rows` : `Show all ${rows.length} rows`}
        </button>
      ) : null}
    </div>
  );
});
