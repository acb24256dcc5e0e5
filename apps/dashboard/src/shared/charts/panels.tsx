import type { CSSProperties, ReactNode, Ref } from "react";
import { Note } from "../ui/note.js";
import classes from "./panels.module.css";

/** Drawings side by side, as many as there is room for: at least so wide, in pixels; or in `columns`, where the window is wide. */
export function Panels({
  atLeast = 420,
  columns,
  children,
}: {
  atLeast?: number;
  columns?: number;
  children: ReactNode;
}) {
  // A track is at least as wide as a share of the columns, or than the window on a narrow one.
  const least = columns === undefined ? `${atLeast}px` : `max(240px, 100% / ${columns} - 32px)`;
  return (
    <div
      className={classes.panels}
      style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${least}), 1fr))` }}
    >
      {children}
    </div>
  );
}

/** One of several drawings, under its name. Without a name it keeps the place of one whose width is not known yet. */
export function Panel({
  ref,
  title,
  style,
  children,
}: {
  ref?: Ref<HTMLDivElement>;
  title?: string;
  style?: CSSProperties;
  children?: ReactNode;
}) {
  return (
    <div ref={ref} className={classes.panel} style={style}>
      {title === undefined ? null : (
        <span className={classes.title} data-chart-text="">
          {title}
        </span>
      )}
      {children}
    </div>
  );
}

/** Where the groups beyond the first `shown` are, that have no drawing. */
export function FurtherGroups({ groups, shown }: { groups: number; shown: number }) {
  const left = groups - shown;
  if (left <= 0) return null;
  return (
    <Note>
      {left === 1 ? "1 further group is" : `${left} further groups are`} in the data table and in the files.
    </Note>
  );
}
