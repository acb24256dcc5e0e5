/** What went wrong, for programs; `message` says it for people. */
export type StatisticsErrorCode = "invalid-input" | "unknown-test";

/** An error that names the field, the value found there and what the caller can do about it. */
export interface StatisticsError extends Error {
  readonly name: "StatisticsError";
  readonly code: StatisticsErrorCode;
  /** Path of the offending value, e.g. `x[3]` or `options.method`. */
  readonly field: string;
  /** The value found, as given. */
  readonly value: unknown;
  /** A sentence: what to do instead. */
  readonly remedy: string;
}

export type StatisticsErrorParts = {
  code: StatisticsErrorCode;
  field: string;
  value: unknown;
  problem: string;
  remedy: string;
};

/** Makes a {@link StatisticsError}; throw what it returns. */
export function statisticsError({
  code,
  field,
  value,
  problem,
  remedy,
}: StatisticsErrorParts): StatisticsError {
  const error = new Error(`${field}: ${problem} (got ${describeValue(value)}). ${remedy}`);
  return Object.assign(error, { name: "StatisticsError" as const, code, field, value, remedy });
}

/** The common case: an argument that the formula is not defined for. */
export function invalidInput(
  field: string,
  value: unknown,
  problem: string,
  remedy: string,
): StatisticsError {
  return statisticsError({ code: "invalid-input", field, value, problem, remedy });
}

export function isStatisticsError(error: unknown): error is StatisticsError {
  return error instanceof Error && error.name === "StatisticsError" && "remedy" in error;
}

/** A short, one-line rendering: messages must stay readable when somebody sends a million numbers. */
export function describeValue(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
