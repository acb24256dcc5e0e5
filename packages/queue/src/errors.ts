/** The queue's server does not answer; the address is given without its password. */
export class QueueUnreachableError extends Error {
  override readonly name = "QueueUnreachableError";
}

const quietMs = 10_000;
const remembered = 100;

/**
 * Passes errors on, but the same message at most every ten seconds: a server that is away makes every connection
 * complain several times a second. The next report of a message tells how many were left out.
 */
export function limitErrors(report: ((error: Error) => void) | undefined): (error: unknown) => void {
  const seen = new Map<string, { at: number; leftOut: number }>();
  return (error) => {
    if (!report) return;
    const given = error instanceof Error ? error : new Error(String(error));
    // A refused connection to a name with two addresses is an AggregateError without a message.
    const message = given.message || ("code" in given ? String(given.code) : given.name);
    const now = performance.now();
    const before = seen.get(message);
    if (before && now - before.at < quietMs) {
      before.leftOut += 1;
      return;
    }
    seen.delete(message);
    seen.set(message, { at: now, leftOut: 0 });
    const oldest = seen.keys().next().value;
    if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
    const note = before && before.leftOut > 0 ? ` (and ${before.leftOut} times before)` : "";
    report(new Error(`${message}${note}`, { cause: given }));
  };
}

/** An address to show: its password replaced. */
export function withoutPassword(address: string): string {
  try {
    const url = new URL(address);
    if (url.password) url.password = "***";
    return url.toString();
  } catch {
    return "the given address";
  }
}
