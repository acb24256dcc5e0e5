export { messageAttributes, runAttributes } from "./conventions.js";
export { errorType, noSpan, type Span, type Tracing, within } from "./span.js";
export { openTracing } from "./tracing.js";
