import type { LiveEvent, StripRun } from "@reprise/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { stripQuery } from "../../shared/api/sweep-queries.js";
import { throttled } from "../../shared/live/throttle.js";
import { type LiveState, useLiveEvents } from "../../shared/live/use-live-events.js";

/**
 * Follows a sweep: squares change at once from the event itself; figures are read again from the server, at most once
 * per second (counts), three seconds (runs) and four seconds (analyses). `open`: it has not ended.
 */
export function useSweepLive(sweepId: string, open: boolean): LiveState {
  const queryClient = useQueryClient();
  const refresh = useMemo(
    () => ({
      sweep: throttled(
        () => void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId], exact: true }),
        1_000,
      ),
      runs: throttled(() => {
        void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId, "strip"] });
        void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId, "runs"] });
      }, 3_000),
      analyses: throttled(
        () => void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId, "analysis"] }),
        4_000,
      ),
      // While runs train their curves grow; every other figure waits for a run to end.
      curves: throttled(
        () => void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId, "analysis", "curves"] }),
        4_000,
      ),
    }),
    [queryClient, sweepId],
  );
  useEffect(
    () => () => {
      for (const call of Object.values(refresh)) call.cancel();
    },
    [refresh],
  );

  const onEvent = (event: LiveEvent) => {
    if (event.type === "sweep") refresh.sweep();
    if (event.type === "metrics") refresh.curves();
    if (event.type !== "run") return;
    queryClient.setQueryData<StripRun[]>(stripQuery(sweepId).queryKey, (runs) =>
      runs?.map((run) =>
        run.id === event.runId ? { ...run, status: event.status, digest: event.digest } : run,
      ),
    );
    refresh.sweep();
    refresh.runs();
    if (event.status !== "running" && event.status !== "queued") refresh.analyses();
  };
  const onGap = () => void queryClient.invalidateQueries({ queryKey: ["sweep", sweepId] });
  const state = useLiveEvents(`/sweeps/${sweepId}/events`, { onEvent, onGap });
  // What was read before the stream was open may have changed in between; what has ended has not.
  useEffect(() => {
    if (state === "live" && open) {
      refresh.sweep();
      refresh.runs();
    }
  }, [state, open, refresh]);
  return state;
}
