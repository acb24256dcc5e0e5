import { useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { draftAside, forgetDraft, keepDraft, keptDrafts } from "./drafts.js";

/** The entry of the browser's history that the page stands at: the same after Back and after a reload. */
export function useHistoryEntry(): string {
  return useLocation({ select: ({ state, href }) => state.__TSR_key ?? href });
}

type Document = { text: string; preset: string | null };

/**
 * The document under work. From its first change on it is kept in this browser: Back and a reload return to it, and one that was
 * left, or gave way to another, is offered again.
 */
export function useDraft(start: Document) {
  const entry = useHistoryEntry();
  const [document, setDocument] = useState<Document>(() => {
    const kept = keptDrafts(localStorage).find((draft) => draft.entry === entry);
    return kept ? { text: kept.text, preset: kept.preset } : start;
  });
  /** What the document was before anybody changed it. */
  const [origin, setOrigin] = useState(start.text);
  const [aside, setAside] = useState(() => draftAside(keptDrafts(localStorage), entry));
  const { text, preset } = document;
  const isChanged = text !== origin;
  useEffect(() => {
    if (isChanged) keepDraft(localStorage, { entry, at: Date.now(), text, preset, launched: false });
  }, [entry, text, preset, isChanged]);

  const begin = (next: Document) => {
    if (isChanged)
      keepDraft(localStorage, { entry: crypto.randomUUID(), at: Date.now(), ...document, launched: false });
    forgetDraft(localStorage, entry);
    setOrigin(next.text);
    setDocument(next);
    setAside(draftAside(keptDrafts(localStorage), entry));
  };
  return {
    ...document,
    setText: (change: (text: string) => string) =>
      setDocument((latest) => ({ ...latest, text: change(latest.text) })),
    /** Starts from another document; what was changed in this one is put aside. */
    begin,
    aside,
    takeUp: () => {
      if (!aside) return;
      forgetDraft(localStorage, aside.entry);
      begin({ text: aside.text, preset: aside.preset });
      setOrigin("");
    },
    discard: () => {
      if (!aside) return;
      forgetDraft(localStorage, aside.entry);
      setAside(draftAside(keptDrafts(localStorage), entry));
    },
    /** It has become a study: Back still shows it, but nobody is asked to go on with it. */
    launched: () => keepDraft(localStorage, { entry, at: Date.now(), text, preset, launched: true }),
  };
}
