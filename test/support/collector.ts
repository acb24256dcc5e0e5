import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { z } from "zod";

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]])));
const span = z.object({
  name: z.string(),
  kind: z.int(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  attributes,
  status: z.object({ code: z.int() }),
});
/** What OTLP over HTTP sends as JSON, as far as tests look at it. */
const message = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof span> & { resource: Record<string, unknown> };

/** As OpenTelemetry's variables are set while a collector runs: spans are sent at once. */
const variablesFor = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_BSP_SCHEDULE_DELAY: "10",
});

/** Sets variables of this process, and hence of those that it starts; the answer puts back what was there. */
export function withVariables(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/**
 * A collector of traces, to which this process and those that it starts send until it is closed.
 *
 * @param answer the status of its next answer, for a request that has been read; null for none
 */
export async function startCollector(answer: () => number | null = () => 200) {
  const spans: ReceivedSpan[] = [];
  let answered = 0;
  const receive = async (request: IncomingMessage) => {
    const { resourceSpans } = message.parse(JSON.parse(await text(request)));
    for (const { resource, scopeSpans } of resourceSpans)
      for (const scope of scopeSpans)
        spans.push(...scope.spans.map((each) => ({ ...each, resource: resource.attributes })));
  };
  const server = createServer((request, response) => {
    void receive(request).then(() => {
      const status = answer();
      if (status !== null) response.writeHead(status).end("{}", () => (answered += 1));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the collector has no port");
  const restore = withVariables(variablesFor(`http://127.0.0.1:${address.port}`));
  return {
    spans,
    answered: () => answered,
    /** The first span of which `look` holds, once it has come. */
    async until(look: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> {
      await expect.poll(() => spans.some(look), { timeout: 60_000 }).toBe(true);
      const found = spans.find(look);
      if (!found) throw new Error("a span that had come is gone");
      return found;
    },
    async close() {
      restore();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export const traceparentOf = ({ traceId, spanId }: ReceivedSpan) => `00-${traceId}-${spanId}-01`;
