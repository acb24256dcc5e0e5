import type { LiveEvent } from "@reprise/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { throttled } from "../../shared/live/throttle.js";
import { type LiveState, useLiveEvents } from "../../shared/live/use-live-events.js";

/** Follows a run: an event names what changed, and only that is read again, at most once per second. */
export function useRunLive(runId: string): LiveState {
  const queryClient = useQueryClient();
  const refresh = useMemo(() => {
    const again = (part: string | null) =>
      throttled(
        () =>
          void queryClient.invalidateQueries({
            queryKey: part === null ? ["run", runId] : ["run", runId, part],
            exact: part === null,
          }),
        1_000,
      );
    return { run: again(null), metrics: again("metrics"), logs: again("logs"), system: again("system") };
  }, [queryClient, runId]);
  useEffect(
    () => () => {
      for (const call of Object.values(refresh)) call.cancel();
    },
    [refresh],
  );
  const onGap = () => void queryClient.invalidateQueries({ queryKey: ["run", runId] });
  const onEvent = (event: LiveEvent) => {
    if (event.type === "metrics") {
      refresh.metrics();
      refresh.run();
    }
    if (event.type === "logs") refresh.logs();
    if (event.type === "system") refresh.system();
    if (event.type === "run") onGap();
  };
  return useLiveEvents(`/runs/${runId}/events`, { onEvent, onGap });
}
