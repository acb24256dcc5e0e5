import { didYouMean } from "@reprise/contracts";
import {
  InvalidCursorError,
  LeaseLostError,
  TooManyMetricsError,
  UnknownAttributeError,
} from "@reprise/database";
import { type ProblemError, problem } from "./problems.js";

/** What repositories refuse because of what the client asked for; null for everything else. */
export function problemOfRepository(error: unknown): ProblemError | null {
  if (error instanceof InvalidCursorError) {
    const errors = [{ path: "cursor", message: error.message }];
    return problem("invalid-request", error.message, { errors });
  }
  if (error instanceof LeaseLostError) {
    return problem(
      "stale-attempt",
      "The run has ended meanwhile, or another attempt has begun: nothing was written.",
    );
  }
  if (error instanceof TooManyMetricsError) return problem("invalid-request", error.message);
  if (error instanceof UnknownAttributeError) {
    const { message, attribute, known } = error;
    const errors = [{ path: "filter", message, value: attribute, suggestion: didYouMean(attribute, known) }];
    return problem("invalid-request", message, { errors });
  }
  return null;
}
