import { IconHourglass, IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect } from "react";
import { ReachabilityContext, useReachability } from "../shared/api/reachability-context.js";
import { When } from "../shared/ui/when.js";
import classes from "./connection-banner.module.css";
import { useSlowServer } from "./use-slow-server.js";

const askAgainMs = 2_000;

/** Appears when the server stopped answering or takes long; where it is away, asks until it is back and then reads everything anew. */
export function ConnectionBanner() {
  const reachability = useContext(ReachabilityContext);
  const queryClient = useQueryClient();
  const { reachable, lastAnswerAt } = useReachability();
  const slow = useSlowServer();

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

  if (reachable && !slow) return null;
  return (
    <div className={classes.banner} role="status">
      {reachable ? (
        <IconHourglass size={18} stroke={1.6} aria-hidden />
      ) : (
        <IconPlugConnectedX size={18} stroke={1.6} aria-hidden />
      )}
      <span>
        <strong>{reachable ? "The server is slow to answer." : "The server does not answer."}</strong>{" "}
        {reachable
          ? "It has not answered for more than ten seconds."
          : "Workers keep training and nothing is lost."}{" "}
        {lastAnswerAt === null ? null : (
          <>
            What you see is from <When at={new Date(lastAnswerAt).toISOString()} />.{" "}
          </>
        )}
        {reachable ? null : "Trying again every two seconds."}
      </span>
    </div>
  );
}
