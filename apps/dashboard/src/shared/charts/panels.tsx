import type { CSSProperties, ReactNode, Ref } from "react";
import { Note } from "../ui/note.js";
import classes from "./panels.module.css";

/** Drawings side by side, as many as there is room for: at least so wide, in pixels. */
export function Panels({ atLeast = 420, children }: { atLeast?: number; children: ReactNode }) {
  return (
    <div
      className={classes.panels}
      style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${atLeast}px), 1fr))` }}
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
