import type { ReactNode } from "react";
import classes from "./settings-form.module.css";

/** Fields beside each other, and the button that makes something of them. */
export function SettingsForm({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
