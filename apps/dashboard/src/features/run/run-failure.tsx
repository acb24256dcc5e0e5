import type { RunError } from "@reprise/contracts";
import { LastLines } from "../../shared/ui/last-lines.js";
import { ServerText } from "../../shared/ui/server-text.js";
import classes from "./run-failure.module.css";

/** Why the run failed, what to do about it, and the program's own last words. */
export function RunFailure({ error, isImported }: { error: RunError; isImported: boolean }) {
  const { kind, message, hint, lastLines = [] } = error;
  if (isImported) {
    return (
      <div className={classes.failure} role="alert">
        <p>
          <strong>Failed, as the tracker recorded: </strong>
          <ServerText text={message} />
        </p>
      </div>
    );
  }
  return (
    <div className={classes.failure} role="alert">
      <p>
        <strong>{kind === "user" ? "The trainer refused or failed: " : "Interrupted from outside: "}</strong>
        <ServerText text={message} />
      </p>
      {hint ? (
        <p>
          What to do: <ServerText text={hint} />
        </p>
      ) : null}
      <LastLines lines={lastLines} />
      <p className="small">
        {kind === "user"
          ? "Trying again without a change would fail again. Other runs are not affected."
          : "It can be tried again; results of other runs are not affected."}
      </p>
    </div>
  );
}
