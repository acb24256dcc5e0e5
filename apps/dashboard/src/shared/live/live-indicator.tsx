import classes from "./live-indicator.module.css";
import type { LiveState } from "./use-live-events.js";

const words: Record<LiveState, { text: string; title: string }> = {
  connecting: { text: "connecting", title: "Opening the live connection." },
  live: { text: "live", title: "Changes appear by themselves." },
  reconnecting: {
    text: "reconnecting",
    title: "The live connection was lost and is being opened again. Training continues on the workers.",
  },
  offline: { text: "offline", title: "This device has no network. Training continues on the workers." },
};

/** Says in a word, not by colour alone, whether the page follows the server. */
export function LiveIndicator({ state }: { state: LiveState }) {
  return (
    <span className={classes.indicator} data-state={state} title={words[state].title} role="status">
      <span className={classes.dot} aria-hidden />
      <span className="visually-hidden">Connection: </span>
      {words[state].text}
    </span>
  );
}
