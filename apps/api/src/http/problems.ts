import type { FieldError, Problem, ProblemType } from "@reprise/contracts";
import type { Transition } from "@reprise/database";

const kinds: Record<ProblemType, { status: number; title: string }> = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  "invalid-sweep-spec": { status: 422, title: "The sweep cannot be run as described" },
  "sweep-too-large": { status: 422, title: "The sweep has too many runs" },
  "not-found": { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Not possible in the present state" },
  "stale-attempt": { status: 409, title: "Another attempt has taken this one's place" },
  "idempotency-key-reused": { status: 422, title: "The idempotency key belongs to another request" },
  unauthorized: { status: 401, title: "Authentication is needed" },
  forbidden: { status: 403, title: "Not allowed" },
  "payload-too-large": { status: 413, title: "The body is too large" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  unsupported: { status: 415, title: "The format is not supported" },
  "not-ready": { status: 503, title: "The server is not ready" },
  internal: { status: 500, title: "The server failed" },
};

export type ProblemExtras = {
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Where the type's usual status would be wrong (406 and 415 share a type). */
  status?: number;
};

/** What a problem is made of: plain data. */
export type ProblemParts = { type: ProblemType; detail: string; extras: ProblemExtras };

/** An error that is meant for the client, word for word. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly type: ProblemType;
  readonly statusCode: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  /** The problem with these parts, as another thread had it. */
  static of({ type, detail, extras }: ProblemParts): ProblemError {
    return new ProblemError(type, detail, extras);
  }

  parts(): ProblemParts {
    const { type, message: detail, errors, headers, statusCode: status } = this;
    return { type, detail, extras: { headers, status, ...(errors ? { errors } : {}) } };
  }

  constructor(type: ProblemType, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.type = type;
    this.statusCode = extras.status ?? kinds[type].status;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
  }
}

/** A problem to throw. */
export function problem(type: ProblemType, detail: string, extras?: ProblemExtras): ProblemError {
  return new ProblemError(type, detail, extras);
}

/** "There is no run 6f1c… ." */
export function notFound(what: string, name: string): ProblemError {
  return problem("not-found", `There is no ${what} ${name}.`);
}

/** The value, or the problem that nothing was found. @throws {ProblemError} */
export function found<T>(value: T | null | undefined, what: string, name: string): T {
  if (value === null || value === undefined) throw notFound(what, name);
  return value;
}

/** The value of a repository's state transition, or the problem it stands for. @throws {ProblemError} */
export function transitioned<T>(result: Transition<T>): T {
  if (!result.ok) {
    const { reason, detail, errors } = result;
    throw problem(reason, detail, errors ? { errors } : {});
  }
  return result.value;
}

/** RFC 9457 document of a problem. `requestId` finds the occurrence in the log. */
export function problemDocument(error: ProblemError, requestId: string): Problem {
  return {
    type: `/problems/${error.type}`,
    title: kinds[error.type].title,
    status: error.statusCode,
    detail: error.message,
    instance: `urn:uuid:${requestId}`,
    ...(error.errors && error.errors.length > 0 ? { errors: error.errors } : {}),
  };
}

/** The problem that numbers are which would have been read as others than were written. */
export const unreadNumbers = (errors: FieldError[]) =>
  problem(
    "invalid-request",
    'The body holds numbers that cannot be read as they are written; see "errors".',
    { errors },
  );
