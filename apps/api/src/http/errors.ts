import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isResponseSerializationError } from "fastify-type-provider-zod";
import { passingProblem } from "./passing-failures.js";
import { ProblemError, problem, problemDocument } from "./problems.js";
import { passOver } from "./refused-body.js";
import { problemOfRepository } from "./repository-problems.js";

/** Sends a problem document, whatever the route promised to answer. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: ProblemError): FastifyReply {
  return reply
    .code(error.statusCode)
    .headers(error.headers)
    .type("application/problem+json")
    .serializer((document: unknown) => JSON.stringify(document))
    .send(problemDocument(error, request.id));
}

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && "code" in error && String(error.code).startsWith("FST_");

const tooLarge = "FST_ERR_CTP_BODY_TOO_LARGE";

/** What Fastify itself refuses, in our words; null for an error that nobody expected. */
function problemOfFastify(error: FastifyError): ProblemError | null {
  switch (error.code) {
    case tooLarge:
      return problem("payload-too-large", "The body is larger than this route takes.");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return problem("unsupported", "This route does not take that content type. Send application/json.");
  }
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? problem("invalid-request", `${error.message}.`) : null;
}

/** What Fastify refuses before a request reaches any route, such as a URL that cannot be decoded. */
export function problemOfFramework(error: FastifyError): ProblemError {
  return problemOfFastify(error) ?? problem("invalid-request", "The request cannot be read.");
}

/** The problem that an error is to the client; null when it is a defect or an outage of ours. */
function expectedProblem(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (isFastifyError(error) && !isResponseSerializationError(error)) return problemOfFastify(error);
  return problemOfRepository(error);
}

/**
 * Turns every error into a problem document. An unexpected one is logged under the request's id and answered without
 * its message; while the database is away the answer is 503, so that clients and supervisors try again.
 */
export function registerErrors(app: FastifyInstance, isDatabaseReachable: () => Promise<boolean>): void {
  app.setErrorHandler(async (error, request, reply) => {
    if (isFastifyError(error) && error.code === tooLarge) await passOver(request.raw);
    const expected = expectedProblem(error);
    if (expected) return sendProblem(request, reply, expected);
    request.log.error({ err: error }, "request failed");
    const passing = passingProblem(error);
    if (passing) return sendProblem(request, reply, passing);
    if (!(await isDatabaseReachable().catch(() => false))) {
      const away = problem("not-ready", "The database cannot be reached just now. Try again in a moment.", {
        headers: { "retry-after": "5" },
      });
      return sendProblem(request, reply, away);
    }
    const hidden = problem("internal", `Unexpected failure. The server's log has it under ${request.id}.`);
    return sendProblem(request, reply, hidden);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const known = `${request.method} ${path.slice(0, 200)} does not exist. The routes are listed at /api/docs.`;
    return sendProblem(request, reply, problem("not-found", known));
  });
}
