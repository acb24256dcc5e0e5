import { type RunDetail, type VerificationKind, verification } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { callApi } from "../../shared/api/client.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";

/** Queues the run to be trained again and shows where its verdict will appear. */
export function useVerify(run: RunDetail) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ kind, worker }: { kind: VerificationKind; worker?: string }) =>
      callApi(verification, `/runs/${run.id}/${kind}`, {
        method: "POST",
        body: { worker },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: () => navigate({ to: "/runs/$runId", params: { runId: run.id }, search: { view: "repeat" } }),
    onError: (error) => notifyRefused("Not queued", error, "The run is as it was."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["run", run.id, "verifications"] }),
  });
}
