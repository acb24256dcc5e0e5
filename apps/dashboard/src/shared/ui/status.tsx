import type { RunStatus, SweepStatus, Worker } from "@reprise/contracts";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconHourglass,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnectedX,
  IconScissors,
  IconTrendingUp,
} from "@tabler/icons-react";
import classes from "./status.module.css";

type Known = RunStatus | SweepStatus | Worker["status"] | "lost";

const looks: Record<Known, { icon: typeof IconCircleCheck; tone: string; word: string }> = {
  queued: { icon: IconHourglass, tone: "quiet", word: "queued" },
  running: { icon: IconPlayerPlay, tone: "active", word: "running" },
  paused: { icon: IconPlayerPause, tone: "attention", word: "paused" },
  succeeded: { icon: IconCircleCheck, tone: "good", word: "succeeded" },
  failed: { icon: IconAlertTriangle, tone: "bad", word: "failed" },
  cancelled: { icon: IconCircleX, tone: "quiet", word: "cancelled" },
  pruned: { icon: IconScissors, tone: "quiet", word: "pruned" },
  lost: { icon: IconPlugConnectedX, tone: "attention", word: "lost" },
  ready: { icon: IconCircleCheck, tone: "good", word: "ready" },
  draining: { icon: IconHourglass, tone: "attention", word: "draining" },
  quarantined: { icon: IconAlertTriangle, tone: "bad", word: "quarantined" },
  gone: { icon: IconCircleDashed, tone: "quiet", word: "gone" },
};

/**
 * A status as glyph and word. `diverged` says where, of a run whose training did, and `divergedRuns` how many runs of a study:
 * that is nothing to tick off.
 */
export function Status({
  status,
  diverged = "",
  divergedRuns = 0,
}: {
  status: Known;
  diverged?: string;
  divergedRuns?: number;
}) {
  const { icon: Icon, tone, word } = looks[status];
  if (diverged !== "" || divergedRuns > 0) {
    const runs = divergedRuns > 0 ? `${divergedRuns} diverged` : "diverged";
    const isRun = diverged !== "";
    return (
      <span
        className={classes.status}
        data-tone="attention"
        title={isRun ? `Training diverged: ${diverged}.` : undefined}
      >
        <IconTrendingUp size={15} stroke={1.8} aria-hidden />
        {isRun && status === "succeeded" ? runs : `${word}, ${runs}`}
      </span>
    );
  }
  return (
    <span className={classes.status} data-tone={tone}>
      <Icon size={15} stroke={1.8} aria-hidden />
      {word}
    </span>
  );
}
