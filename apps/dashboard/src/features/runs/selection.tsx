import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { count } from "../../shared/format/numbers.js";
import classes from "./selection.module.css";

const nothing: ReadonlySet<string> = new Set();

/** Which rows are selected, by their keys; among other rows, which `among` tells, nothing is. */
export function useSelection(among = "") {
  const [last, setLast] = useState({ among, keys: nothing });
  const selected = last.among === among ? last.keys : nothing;
  const select = (key: string, on: boolean) => {
    const keys = new Set(selected);
    if (on) keys.add(key);
    else keys.delete(key);
    setLast({ among, keys });
  };
  return { selected, select, clear: () => setLast({ among, keys: nothing }) };
}

/** What can be done with the selected rows, at the bottom of the window. */
export function SelectionBar({
  selection: { selected, clear },
  noun,
  children,
}: {
  selection: ReturnType<typeof useSelection>;
  noun: string;
  children: ReactNode;
}) {
  if (selected.size === 0) return null;
  return (
    <div className={classes.selection} role="status">
      {count(selected.size, noun)} selected
      {children}
      <Button variant="subtle" color="gray" size="xs" onClick={clear}>
        Clear
      </Button>
    </div>
  );
}
