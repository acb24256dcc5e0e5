import { describe, expect, it } from "vitest";
import { draftAside, forgetDraft, keepDraft, keptDrafts } from "./drafts.js";

function store() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}
const draft = (entry: string, more: { text?: string; launched?: boolean } = {}) => ({
  ...{ entry, at: 1, text: entry, preset: null, launched: false },
  ...more,
});

describe("drafts", () => {
  it("are kept by the entry they were written at, the newest first, and not without end", () => {
    const storage = store();
    for (const entry of "abacdefghij") keepDraft(storage, draft(entry));
    expect(keptDrafts(storage).map(({ entry }) => entry)).toEqual([..."jihgfedc"]);
    forgetDraft(storage, "j");
    expect(keptDrafts(storage)[0]?.entry).toBe("i");
  });

  it("are offered while they are not launched, elsewhere than where they stand", () => {
    const drafts = [draft("here"), draft("launched", { launched: true }), draft("left")];
    expect(draftAside(drafts, "here")?.entry).toBe("left");
    expect(draftAside(drafts.slice(0, 2), "here")).toBeNull();
  });

  it("are none where the browser keeps something else, or forbids it", () => {
    expect(keptDrafts({ getItem: () => "{" })).toEqual([]);
    expect(keptDrafts({ getItem: () => '[{"entry":1}]' })).toEqual([]);
    const forbidden = () => {
      throw new Error("forbidden");
    };
    expect(keptDrafts({ getItem: forbidden })).toEqual([]);
    expect(() => keepDraft({ getItem: forbidden, setItem: forbidden }, draft("a"))).not.toThrow();
  });
});
