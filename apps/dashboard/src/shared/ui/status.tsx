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
  lost: { icon: IconPlugConnectedX, tone: "attention", word: "lost" },
  ready: { icon: IconCircleCheck, tone: "good", word: "ready" },
  draining: { icon: IconHourglass, tone: "attention", word: "draining" },
  quarantined: { icon: IconAlertTriangle, tone: "bad", word: "quarantined" },
  gone: { icon: IconCircleDashed, tone: "quiet", word: "gone" },
};

/** A status as glyph and word. */
export function Status({ status }: { status: Known }) {
  const { icon: Icon, tone, word } = looks[status];
  return (
    <span className={classes.status} data-tone={tone}>
      <Icon size={15} stroke={1.8} aria-hidden />
      {word}
    </span>
  );
}
