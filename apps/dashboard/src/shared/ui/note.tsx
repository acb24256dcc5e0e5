import type { ComponentProps } from "react";
import { unbroken } from "../format/numbers.js";
import { Explained } from "./explained.js";
import classes from "./note.module.css";

/** A remark on reading what stands above it. */
export function Note(props: Omit<ComponentProps<"p">, "className">) {
  return <p className={classes.note} {...props} />;
}

/** Remarks of an analysis, one line each. */
export function Notes({ notes }: { notes: readonly string[] }) {
  return notes.map((note) => (
    <Note key={note}>
      <Explained text={unbroken(note)} />
    </Note>
  ));
}
