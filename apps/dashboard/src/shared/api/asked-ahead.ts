/** An answer that is older than this is asked for anew. */
const goodForMs = 10_000;

type AskedAhead = { answer: Promise<Response>; link: HTMLLinkElement; at: number };
const asked = new Map<string, AskedAhead>();

/**
 * Takes up what the server's start page has asked for while the application was on its way (`link rel="preload"`), so that
 * the first queries of a page find their answers here.
 */
export function takeUpAskedAhead(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="preload"][as="fetch"]')) {
    const answer = fetch(link.href);
    answer.catch(() => undefined);
    const { pathname, search } = new URL(link.href);
    asked.set(pathname + search, { answer, link, at: Date.now() });
  }
}

/** The answer to this address, once, if it was asked for ahead and is still good. Its link goes from the document. */
export function askedAhead(address: string): Promise<Response> | null {
  const found = asked.get(address);
  if (!found) return null;
  asked.delete(address);
  found.link.remove();
  return Date.now() - found.at < goodForMs ? found.answer : null;
}
