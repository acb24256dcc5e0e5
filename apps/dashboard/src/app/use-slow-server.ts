import { useIsFetching } from "@tanstack/react-query";
import { useContext, useEffect, useState } from "react";
import { ReachabilityContext } from "../shared/api/reachability-context.js";

const slowAfterMs = 10_000;

/** Whether something has been asked for ten seconds and nothing was answered meanwhile. */
export function useSlowServer(): boolean {
  const reachability = useContext(ReachabilityContext);
  const asking = useIsFetching() > 0;
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!asking) return;
    const askedAt = Date.now();
    const timer = setInterval(() => {
      const answeredAt = reachability.get().lastAnswerAt ?? 0;
      setSlow(Date.now() - Math.max(askedAt, answeredAt) >= slowAfterMs);
    }, 1_000);
    return () => clearInterval(timer);
  }, [asking, reachability]);
  return slow;
}
