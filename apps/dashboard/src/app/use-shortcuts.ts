import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { places } from "./places.js";

/** `g` and the letter of a place must follow each other within this. */
const sequenceMs = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Ctrl or ⌘ K opens the palette anywhere; `?` the list of shortcuts and `g` with a letter a page, unless one is typing. */
export function useShortcuts(on: { palette: () => void; help: () => void }): void {
  const navigate = useNavigate();
  useEffect(() => {
    let wentAt = Number.NEGATIVE_INFINITY;
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        on.palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") on.help();
      if (event.key === "g") {
        wentAt = event.timeStamp;
        return;
      }
      const place = places.find(({ key }) => key === event.key);
      if (place && event.timeStamp - wentAt < sequenceMs) void navigate({ to: place.to });
      wentAt = Number.NEGATIVE_INFINITY;
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [navigate, on]);
}
