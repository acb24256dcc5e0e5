import { Button } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMapQuestion, IconPlugConnectedX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.js";
import { ServerText } from "./server-text.js";
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

type Explained = {
  icon: typeof IconPlugConnectedX;
  happened: string;
  safe: string;
  todo: string;
  way: "again" | "reload" | "sweeps";
};

function explain(error: unknown): Explained {
  if (error instanceof ApiError && error.kind === "network") {
    return {
      icon: IconPlugConnectedX,
      happened: "The server does not answer.",
      safe: "Nothing is lost: results are stored on the server, and workers keep training.",
      todo: "This page tries again by itself. If it lasts, check whether the server is running.",
      way: "again",
    };
  }
  if (error instanceof ApiError && error.kind === "unreadable") {
    return {
      icon: IconAlertTriangle,
      happened: error.message,
      safe: "Nothing was changed; this was only a read.",
      todo: "Page and server may be of different versions, after an update for example. Load the page again.",
      way: "reload",
    };
  }
  const isWrongAddress = (path: string) => path === "id" || path.endsWith("Id");
  if (
    error instanceof ApiError &&
    (error.status === 404 || error.fieldErrors.some(({ path }) => isWrongAddress(path)))
  ) {
    return {
      icon: IconMapQuestion,
      happened: error.message,
      safe: "Nothing was changed.",
      todo: "The link may be old or mistyped, or what it led to was removed.",
      way: "sweeps",
    };
  }
  if (error instanceof ApiError && error.status === 403) {
    return {
      icon: IconLock,
      happened: error.message,
      safe: "Nothing was changed.",
      todo: "Sign in with a token of the required role.",
      way: "again",
    };
  }
  return {
    icon: IconAlertTriangle,
    happened: error instanceof Error ? error.message : "Something went wrong while reading.",
    safe: "Nothing was changed; this was only a read.",
    todo: "Try again. If it happens again, see the server's log.",
    way: "again",
  };
}

/** What happened, what is safe, what to do. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { icon: Icon, happened, safe, todo, way } = explain(error);
  return (
    <div className={classes.state} role="alert">
      <p className={classes.title}>
        <Icon size={18} stroke={1.6} aria-hidden />{" "}
        <span>
          <ServerText text={happened} />
        </span>
      </p>
      <div className={classes.text}>
        {safe} {todo}
      </div>
      {way === "sweeps" ? (
        <Button variant="default" size="xs" component={Link} to="/">
          Go to the sweeps
        </Button>
      ) : way === "reload" ? (
        <Button variant="default" size="xs" onClick={() => window.location.reload()}>
          Load the page again
        </Button>
      ) : onRetry ? (
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
