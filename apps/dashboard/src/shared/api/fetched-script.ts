const askAgainMs = 2_000;

/** Resolves when the server answers. */
async function serverAnswers(): Promise<void> {
  for (;;) {
    const answer = await fetch("/healthz").catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/**
 * A script of the page. Where it cannot be fetched because the server is away, it is asked for once more when the server
 * answers; one that cannot be had then is gone, with an update of the server for example.
 */
export async function fetchedScript<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch {
    await serverAnswers();
    return load();
  }
}
