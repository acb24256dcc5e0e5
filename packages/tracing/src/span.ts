export type Attributes = Record<string, string | number | boolean>;

/** As OpenTelemetry has them: who answers a request, sends a message, takes one, or waits for another program. */
type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

export type SpanOptions = { kind?: SpanKind; attributes?: Attributes };

/** Something that takes its time, as a trace shows it. */
export type Span = {
  /** By this another process continues the trace (W3C Trace Context); null where nothing is traced. */
  readonly traceparent: string | null;
  set(attributes: Attributes): void;
  /** It did not do what it was for. @param type the class of the error, never its text: that may hold anything */
  fail(type: string): void;
  child(name: string, options?: SpanOptions): Span;
  end(): void;
};

/** Who traces, as a collector names it. */
export type Service = {
  /** Where `OTEL_SERVICE_NAME` names no other. */
  name: string;
  version: string;
  /** Tells processes of one service apart. */
  instanceId: string;
};

export type Tracing = {
  /** @param options.parent traceparent of what asked for it; without one, or with what is none, a trace begins */
  start(name: string, options?: SpanOptions & { parent?: string | null | undefined }): Span;
  /** Sends what is left, within a second or never. */
  close(): Promise<void>;
};

/** Where nothing is traced. */
export const noSpan: Span = {
  traceparent: null,
  set() {},
  fail() {},
  child: () => noSpan,
  end() {},
};

/** The class of an error, as `fail` takes it. */
export const errorType = (error: unknown): string => (error instanceof Error ? error.name : "Error");

/** Does `work` within a child of the span, which ends with it, and has failed where it throws. */
export async function within<T>(
  span: Span,
  name: string,
  work: (child: Span) => Promise<T>,
  options?: SpanOptions,
): Promise<T> {
  const child = span.child(name, options);
  try {
    return await work(child);
  } catch (error) {
    child.fail(errorType(error));
    throw error;
  } finally {
    child.end();
  }
}
