import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Worker } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";

const actions = {
  drain: {
    label: "Drain",
    done: (name: string) => `${name} finishes its runs and takes no new ones.`,
    refused: "Not drained",
  },
  undrain: {
    label: "Take runs again",
    done: (name: string) => `${name} takes runs again.`,
    refused: "Not changed",
  },
} as const;

/** Lets a worker finish what it has and take nothing new, or, where it takes nothing, take runs again. */
export function DrainButton({ worker }: { worker: Worker }) {
  const queryClient = useQueryClient();
  const action = worker.status === "ready" ? "drain" : "undrain";
  const { label, done, refused } = actions[action];
  const steer = useMutation({
    mutationFn: () => callApi(z.unknown(), `/workers/${worker.id}/${action}`, { method: "POST" }),
    onSuccess: () => notifications.show({ message: done(worker.name) }),
    onError: (error) => notifyRefused(refused, error, "The worker goes on as before."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["workers"] }),
  });
  return (
    <Button
      variant="default"
      size="xs"
      loading={steer.isPending}
      onClick={() => steer.mutate()}
      aria-label={`${label}: ${worker.name}`}
    >
      {label}
    </Button>
  );
}
