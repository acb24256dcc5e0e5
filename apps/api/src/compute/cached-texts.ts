import { LRUCache } from "lru-cache";

/** Made once for everyone who asks, and good while its revision is what it was. */
type Cached = { revision: string; text: Promise<string> };

/** Characters of all cached texts together. */
const maxCharacters = 32_000_000;

/** A revision is good for as long as live events are stored, an hour; a text is given up well before. */
const goodForMs = 20 * 60_000;

/** Caches texts by key and revision; those not asked for longest go first when there is too much. */
export function cacheTexts({ max = maxCharacters, now = () => performance.now() } = {}) {
  const cached = new LRUCache<string, Cached>({
    maxSize: max,
    ttl: goodForMs,
    ttlResolution: 0,
    perf: { now },
  });
  return (key: string, revision: string, make: () => Promise<string>): Promise<string> => {
    const found = cached.get(key);
    if (found?.revision === revision) return found.text;
    const entry: Cached = { revision, text: make() };
    // How long a text is shows when it has been made: until then it weighs next to nothing.
    cached.set(key, entry, { size: 1 });
    const isCurrent = () => cached.peek(key) === entry;
    entry.text.then(
      (text) => {
        if (isCurrent()) cached.set(key, { ...entry }, { size: Math.max(1, text.length), noUpdateTTL: true });
      },
      () => {
        if (isCurrent()) cached.delete(key);
      },
    );
    return entry.text;
  };
}
