/** Made once for everyone who asks, and kept while its revision is what it was. */
type Kept = { revision: string; text: Promise<string>; since: number; size: number };

/** Characters of all kept texts together. */
const mostKept = 32_000_000;

/** A revision is good for as long as live events are kept, an hour; a text is given up well before. */
const keptForMs = 20 * 60_000;

/** Keeps texts by key and revision; those not asked for longest go first when there is too much. */
export function keepTexts({ most = mostKept, now = Date.now } = {}) {
  const kept = new Map<string, Kept>();
  const forget = (key: string, entry: Kept) => {
    if (kept.get(key) === entry) kept.delete(key);
  };
  const shrink = () => {
    let size = [...kept.values()].reduce((sum, entry) => sum + entry.size, 0);
    for (const [key, entry] of kept) {
      if (size <= most) return;
      kept.delete(key);
      size -= entry.size;
    }
  };
  return (key: string, revision: string, make: () => Promise<string>): Promise<string> => {
    const found = kept.get(key);
    kept.delete(key);
    if (found?.revision === revision && now() - found.since < keptForMs) {
      kept.set(key, found);
      return found.text;
    }
    const entry: Kept = { revision, text: make(), since: now(), size: 0 };
    kept.set(key, entry);
    entry.text.then(
      (text) => {
        entry.size = text.length;
        shrink();
      },
      () => forget(key, entry),
    );
    return entry.text;
  };
}
