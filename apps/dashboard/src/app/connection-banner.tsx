import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect } from "react";
import { ReachabilityContext, useReachability } from "../shared/api/reachability-context.js";
import { When } from "../shared/ui/when.js";
import classes from "./connection-banner.module.css";

const askAgainMs = 2_000;

/** Appears when the server stopped answering; asks until it is back and then reads everything anew. */
export function ConnectionBanner() {
  const reachability = useContext(ReachabilityContext);
  const queryClient = useQueryClient();
  const { reachable, lastAnswerAt } = useReachability();

  useEffect(() => {
    if (reachable) return;
    const timer = setInterval(async () => {
      const answer = await fetch("/healthz").catch(() => null);
      if (!answer?.ok) return;
      reachability.answered();
      await queryClient.invalidateQueries();
    }, askAgainMs);
    return () => clearInterval(timer);
  }, [reachable, reachability, queryClient]);

  if (reachable) return null;
  return (
    <div className={classes.banner} role="status">
      <IconPlugConnectedX size={18} stroke={1.6} aria-hidden />
      <span>
        <strong>The server does not answer.</strong> Workers keep training and nothing is lost.{" "}
        {lastAnswerAt === null ? null : (
          <>
            What you see is from <When at={new Date(lastAnswerAt).toISOString()} />.{" "}
          </>
        )}
        Trying again every two seconds.
      </span>
    </div>
  );
}
