import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Worker } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";

/** Lets a worker finish what it has; it takes nothing new. */
export function DrainButton({ worker }: { worker: Worker }) {
  const queryClient = useQueryClient();
  const drain = useMutation({
    mutationFn: () => callApi(z.unknown(), `/workers/${worker.id}/drain`, { method: "POST" }),
    onSuccess: () =>
      notifications.show({ message: `${worker.name} finishes its runs and takes no new ones.` }),
    onError: (error) => notifyRefused("Not drained", error, "The worker goes on as before."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["workers"] }),
  });
  return (
    <Button
      variant="default"
      size="xs"
      loading={drain.isPending}
      onClick={() => drain.mutate()}
      aria-label={`Drain ${worker.name}`}
    >
      Drain
    </Button>
  );
}
