import { noSpan, type Service, type Tracing } from "./span.js";

const noTracing: Tracing = { start: () => noSpan, close: async () => {} };

/** In the order in which OpenTelemetry asks for them. */
const endpointVariables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const;

/**
 * Traces of this process, sent to the collector that the environment names; without one nothing is loaded, kept or sent. The further
 * variables of OpenTelemetry (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`, …) are read by its library.
 * Never rejects, and nothing ever waits for the collector: what it does not take is lost.
 *
 * @param onTrouble told once when the collector begins to fail, and of a variable that cannot be understood
 */
export async function openTracing(service: Service, onTrouble: (error: Error) => void): Promise<Tracing> {
  const { env } = process;
  const variable = endpointVariables.find((name) => env[name]?.trim());
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  if (variable === undefined || isOff) return noTracing;
  if (!isHttp(env[variable]?.trim() ?? "")) {
    const words = `${variable} (value ${env[variable]}) is no address of http or https: nothing is traced. Give one as http://127.0.0.1:4318.`;
    onTrouble(new Error(words));
    return noTracing;
  }
  try {
    const { traceWith } = await import("./open-telemetry.js");
    return traceWith(service, onTrouble);
  } catch (error) {
    onTrouble(error instanceof Error ? error : new Error(String(error)));
    return noTracing;
  }
}

const isHttp = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
