import { z } from "zod";

/** What somebody has made of a study and not launched, as it is kept in this browser. */
const keptDraft = z.object({
  /** Entry of the browser's history that it was written at. */
  entry: z.string(),
  at: z.number(),
  text: z.string(),
  preset: z.string().nullable(),
  launched: z.boolean(),
});
export type KeptDraft = z.infer<typeof keptDraft>;

const place = "reprise.drafts";
const mostKept = 8;

/** Newest first; none where the browser keeps nothing, or something else. */
export function keptDrafts(storage: Pick<Storage, "getItem">): KeptDraft[] {
  try {
    const read: unknown = JSON.parse(storage.getItem(place) ?? "[]");
    return z.array(keptDraft).catch([]).parse(read);
  } catch {
    return [];
  }
}

function write(storage: Pick<Storage, "setItem">, drafts: readonly KeptDraft[]): void {
  try {
    storage.setItem(place, JSON.stringify(drafts.slice(0, mostKept)));
  } catch {
    // A full or forbidden store keeps no drafts: the form works without.
  }
}

type Store = Pick<Storage, "getItem" | "setItem">;

/** Keeps a draft in the place of the one of its entry. */
export function keepDraft(storage: Store, draft: KeptDraft): void {
  write(storage, [draft, ...keptDrafts(storage).filter(({ entry }) => entry !== draft.entry)]);
}

export function forgetDraft(storage: Store, entry: string): void {
  write(
    storage,
    keptDrafts(storage).filter((draft) => draft.entry !== entry),
  );
}

/** The newest draft that was neither launched nor written at this entry. */
export function draftAside(drafts: readonly KeptDraft[], entry: string): KeptDraft | null {
  return drafts.find((draft) => !draft.launched && draft.entry !== entry) ?? null;
}
