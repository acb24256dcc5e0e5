import { type LiveEvent, liveEvent } from "@reprise/contracts";
import { useEffect, useRef, useState } from "react";
import { z } from "zod";
import { apiRoot } from "../api/client.js";
import { useReachability } from "../api/reachability-context.js";

export type LiveState = "connecting" | "live" | "reconnecting" | "offline";

const firstRetryMs = 1_000;
const longestRetryMs = 10_000;
/** A tab in the background gives its connection back: browsers allow six per server over HTTP/1.1. */
const hiddenGraceMs = 60_000;

function parseEvent(data: string): LiveEvent | null {
  try {
    const parsed = liveEvent.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const hello = z.object({ complete: z.boolean() });

/** The server greets with whether it still had every event since the last one that was seen. */
function missedSome(data: unknown): boolean {
  try {
    const parsed = hello.safeParse(JSON.parse(String(data)));
    return parsed.success && !parsed.data.complete;
  } catch {
    return false;
  }
}

/**
 * Listens to the server-sent events at `path` for as long as the component lives. The browser resumes a broken
 * stream by `Last-Event-ID`; where it gives up (the server restarts and a proxy answers for it), a new stream is
 * opened and `onGap` is called, because events may have been missed.
 */
export function useLiveEvents(
  path: string | null,
  handlers: { onEvent: (event: LiveEvent) => void; onGap: () => void },
): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const latest = useRef(handlers);
  latest.current = handlers;

  const { reachable } = useReachability();
  const lost = useRef(false);

  useEffect(() => {
    if (path === null) return;
    // A proxy may hold the stream open although the server behind it is gone: what other calls found out counts too.
    if (!reachable) {
      lost.current = true;
      setState("reconnecting");
      return;
    }
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let hiding: ReturnType<typeof setTimeout> | undefined;
    let waitMs = firstRetryMs;
    let opened = lost.current;

    const close = () => {
      source?.close();
      source = null;
      clearTimeout(retry);
    };
    const open = () => {
      close();
      source = new EventSource(apiRoot + path);
      source.onopen = () => {
        waitMs = firstRetryMs;
        setState("live");
        if (opened) latest.current.onGap();
        opened = true;
      };
      source.addEventListener("hello", (message) => {
        if (missedSome(message.data)) latest.current.onGap();
      });
      source.onmessage = (message) => {
        const event = parseEvent(message.data);
        if (event) latest.current.onEvent(event);
      };
      source.onerror = () => {
        setState(navigator.onLine ? "reconnecting" : "offline");
        if (source?.readyState !== EventSource.CLOSED) return;
        clearTimeout(retry);
        retry = setTimeout(open, waitMs);
        waitMs = Math.min(waitMs * 2, longestRetryMs);
      };
    };
    const onVisibility = () => {
      clearTimeout(hiding);
      if (document.hidden) {
        hiding = setTimeout(close, hiddenGraceMs);
      } else if (!source) {
        open();
      }
    };
    const onOffline = () => setState("offline");

    open();
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("offline", onOffline);
    window.addEventListener("online", open);
    return () => {
      close();
      clearTimeout(hiding);
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("offline", onOffline);
      window.removeEventListener("online", open);
    };
  }, [path, reachable]);

  return state;
}
