import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.js";
import classes from "./states.module.css";

/** Nothing is here yet: what would be, and the button that brings it about. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes.state}>
      <p className={classes.title}>{title}</p>
      {children ? <div className={classes.text}>{children}</div> : null}
      {action}
    </div>
  );
}

function explain(error: unknown): { happened: string; safe: string; todo: string } {
  if (error instanceof ApiError && error.kind === "network") {
    return {
      happened: "The server does not answer.",
      safe: "Nothing is lost: results are stored on the server, and workers keep training.",
      todo: "This page tries again by itself. If it lasts, see whether the server is running.",
    };
  }
  if (error instanceof ApiError && error.status === 404) {
    return {
      happened: error.message,
      safe: "Nothing was changed.",
      todo: "Check the address, or go back to the list of sweeps.",
    };
  }
  return {
    happened: error instanceof Error ? error.message : "Something went wrong while reading.",
    safe: "Nothing was changed by this; it was a read.",
    todo: "Try again. If it repeats, the server's log says more.",
  };
}

/** What happened, what is safe, what to do. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { happened, safe, todo } = explain(error);
  return (
    <div className={classes.state} role="alert">
      <p className={classes.title}>
        <IconPlugConnectedX size={18} stroke={1.6} aria-hidden /> {happened}
      </p>
      <div className={classes.text}>
        {safe} {todo}
      </div>
      {onRetry ? (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** A grey block of the size of what will stand there. */
export function Placeholder({ height, label = "Loading" }: { height: number; label?: string }) {
  return (
    <div
      className={classes.placeholder}
      style={{ height }}
      role="status"
      aria-label={label}
      aria-busy="true"
    />
  );
}
