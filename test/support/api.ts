import type { Page, Run, RunDetail, RunMetrics, Sweep, Worker } from "@reprise/contracts";

/** Plain JSON calls, as a notebook makes them. */
export function apiAt(url: string) {
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const init =
      body === undefined
        ? {}
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${url}/api/v1${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    call,
    sweeps: () => call<Page<Sweep>>("/sweeps"),
    sweep: (id: string) => call<Sweep>(`/sweeps/${id}`),
    createSweep: (spec: unknown) => call<Sweep>("/sweeps", spec),
    runs: (sweepId: string) =>
      call<Page<Run>>(`/runs?sweepId=${sweepId}&limit=1000`).then((page) => page.items),
    run: (id: string) => call<RunDetail>(`/runs/${id}`),
    metrics: (id: string) => call<RunMetrics>(`/runs/${id}/metrics`),
    workers: () => call<{ items: Worker[] }>("/workers").then((page) => page.items),
  };
}
export type Api = ReturnType<typeof apiAt>;

const sweepEvent = '"type":"sweep"';
const ended = ["succeeded", "failed", "cancelled"];

/**
 * Follows a sweep by its event stream until `done` holds of what the API shows, and resolves with the sweep.
 * Reconnects, because some tests kill the server.
 */
export async function sweepUntil(
  api: Api,
  url: string,
  id: string,
  done: (sweep: Sweep) => boolean = (sweep) => ended.includes(sweep.status),
  timeoutMs = 240_000,
): Promise<Sweep> {
  const deadline = AbortSignal.timeout(timeoutMs);
  while (!deadline.aborted) {
    try {
      const stream = await fetch(`${url}/api/v1/sweeps/${id}/events`, { signal: deadline });
      const sweep = await api.sweep(id);
      if (done(sweep)) {
        await stream.body?.cancel();
        return sweep;
      }
      let unread = "";
      for await (const text of (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        // Metrics and log lines, by far the most events, do not change the sweep.
        unread = (unread + text).slice(-10_000);
        if (!unread.includes(sweepEvent)) continue;
        unread = "";
        const now = await api.sweep(id);
        if (done(now)) return now;
      }
    } catch (error) {
      if (deadline.aborted) throw error;
      // The server is away, being killed or started: ask again, not in a tight loop.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  const { status, runCounts } = await api.sweep(id);
  throw new Error(`the sweep is still ${status} after ${timeoutMs / 1000} s: ${JSON.stringify(runCounts)}`);
}
