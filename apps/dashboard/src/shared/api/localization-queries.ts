import { localization, localizationList } from "@reprise/contracts";
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { notifyRefused } from "../ui/notify-refused.js";
import { callApi } from "./client.js";

const isOpen = ({ status }: { status: string }) => status === "queued" || status === "running";

/** Of a run alone, or of it and another: newest first, and why none can be queued. Asked again and again while one is open. */
export const localizationsQuery = (runId: string, otherId: string | null) =>
  queryOptions({
    queryKey: ["run", runId, "localizations", otherId],
    queryFn: ({ signal }) =>
      callApi(localizationList, `/runs/${runId}/localizations${otherId ? `?other=${otherId}` : ""}`, {
        signal,
      }),
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? 1_000 : 10_000),
  });

/** Queues a localization, and ends one. */
export function useLocalization(runId: string, otherId: string | null) {
  const queryClient = useQueryClient();
  const onSettled = () =>
    queryClient.invalidateQueries({ queryKey: localizationsQuery(runId, otherId).queryKey });
  const locate = useMutation({
    mutationFn: () =>
      callApi(localization, `/runs/${runId}/locate`, {
        method: "POST",
        body: otherId === null ? {} : { other: otherId },
        idempotencyKey: crypto.randomUUID(),
      }),
    onError: (error) => notifyRefused("Not queued", error, "The runs are as they were."),
    onSettled,
  });
  const cancel = useMutation({
    mutationFn: (id: string) => callApi(localization, `/localizations/${id}/cancel`, { method: "POST" }),
    onError: (error) => notifyRefused("Not cancelled", error, "It goes on."),
    onSettled,
  });
  return { locate, cancel };
}
