import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Sweep } from "@reprise/contracts";
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { ConfirmButton } from "../../shared/ui/confirm-button.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";
import { useNarrow } from "../../shared/ui/use-narrow.js";
import { ExtendMenu } from "./extend-menu.js";
import { PriorityMenu } from "./priority-menu.js";
import { RemovalMenu } from "./removal-menu.js";
import classes from "./sweep-actions.module.css";

type Action = "pause" | "resume" | "cancel" | "retry-failed";

const done: Record<Action, string> = {
  pause: "Paused. Runs that train now finish; queued ones wait.",
  resume: "Resumed.",
  cancel: "Cancelled. Finished runs and their results stay.",
  "retry-failed": "The runs without a result are queued again, each as a new attempt.",
};

/** Pause, resume, cancel, retry: only those that make sense now. */
export function SweepActions({ sweep }: { sweep: Sweep }) {
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => callApi(z.unknown(), `/sweeps/${sweep.id}/${action}`, { method: "POST" }),
    onSuccess: (_answer, action) => notifications.show({ message: done[action] }),
    onError: (error, action) =>
      notifyRefused(`Could not ${action.replace("-", " ")}`, error, "The sweep is as it was."),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["sweep", sweep.id] });
      await queryClient.invalidateQueries({ queryKey: ["sweeps"] });
    },
  });
  const busy = (action: Action) => act.isPending && act.variables === action;
  const open = sweep.status === "running" || sweep.status === "queued";
  const { queued, running, failed, cancelled } = sweep.runCounts;
  const canRunRest = cancelled > 0 && sweep.endedAt !== null && !sweep.origin && !sweep.imported;
  const narrow = useNarrow();
  const [more, setMore] = useState(false);
  const further = (
    <>
      {open || sweep.status === "paused" ? <PriorityMenu sweep={sweep} /> : null}
      {sweep.status === "cancelled" || sweep.imported || sweep.spec.trainer === "external" ? null : (
        <ExtendMenu sweep={sweep} />
      )}
      <Button
        variant="default"
        size="xs"
        renderRoot={(props) => <Link {...props} to="/sweeps/new" search={{ from: sweep.id }} />}
        title="Start a new study from this one's document"
      >
        Copy
      </Button>
      {sweep.endedAt === null ? null : <RemovalMenu sweep={sweep} />}
    </>
  );
  return (
    <div className={classes.actions}>
      {open ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPause size={14} />}
          loading={busy("pause")}
          onClick={() => act.mutate("pause")}
        >
          Pause
        </Button>
      ) : null}
      {sweep.status === "paused" ? (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          loading={busy("resume")}
          onClick={() => act.mutate("resume")}
        >
          Resume
        </Button>
      ) : null}
      {canRunRest ? (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          loading={busy("retry-failed")}
          title={`Queue the ${count(failed + cancelled, "run")} that did not end with a result`}
          onClick={() => act.mutate("retry-failed")}
        >
          Run the rest
        </Button>
      ) : null}
      {failed > 0 && !sweep.origin && !canRunRest ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} />}
          loading={busy("retry-failed")}
          onClick={() => act.mutate("retry-failed")}
        >
          Retry {count(failed)} failed
        </Button>
      ) : null}
      {open || sweep.status === "paused" ? (
        <ConfirmButton
          label="Cancel"
          icon={<IconX size={14} />}
          question="Cancel this sweep?"
          consequence={`${count(queued, "queued run")} will not start and ${count(running, "running run")} will be stopped. Runs that have ended keep their results.`}
          confirmLabel="Cancel the sweep"
          loading={busy("cancel")}
          onConfirm={() => act.mutate("cancel")}
        />
      ) : null}
      {narrow ? (
        <Button variant="default" size="xs" aria-expanded={more} onClick={() => setMore((now) => !now)}>
          {more ? "Less" : "More"}
        </Button>
      ) : null}
      {narrow && !more ? null : further}
    </div>
  );
}
