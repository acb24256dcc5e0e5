import { type FieldError, jsonText, problem } from "@reprise/contracts";
import { z } from "zod";
import { askedAhead } from "./asked-ahead.js";

/** Why a call did not answer: `network` means the server was not reached, so nothing was changed by it. */
export class ApiError extends Error {
  readonly kind: "network" | "problem" | "unreadable";
  readonly status: number | null;
  readonly fieldErrors: FieldError[];

  constructor(
    kind: ApiError["kind"],
    message: string,
    more: { status?: number; fieldErrors?: FieldError[] } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.kind = kind;
    this.status = more.status ?? null;
    this.fieldErrors = more.fieldErrors ?? [];
  }
}

export const apiRoot = "/api/v1";

/** The items of an answer that lists them all. */
export const listOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item) }).transform(({ items }) => items);

type Call = {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  /** The same key for every try of one intention, so that a repeated POST creates nothing twice. */
  idempotencyKey?: string;
  signal?: AbortSignal;
};

async function send(path: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (call.body !== undefined) headers["content-type"] = "application/json";
  if (call.idempotencyKey) headers["idempotency-key"] = call.idempotencyKey;
  const body = call.body === undefined ? undefined : jsonText(call.body);
  const method = call.method ?? "GET";
  try {
    const ahead = method === "GET" ? askedAhead(apiRoot + path) : null;
    if (ahead) return await ahead;
    return await fetch(apiRoot + path, { method, headers, body, signal: call.signal });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ApiError("network", "The server does not answer.");
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const parsed = problem.safeParse(await response.json().catch(() => null));
  if (parsed.success) {
    return new ApiError("problem", parsed.data.detail, {
      status: response.status,
      fieldErrors: parsed.data.errors,
    });
  }
  // A proxy in front of a stopped server answers for it, without a problem document.
  if (response.status >= 500) return new ApiError("network", "The server does not answer.");
  return new ApiError("problem", `The server answered with status ${response.status}.`, {
    status: response.status,
  });
}

/** Sends a file as it is, to its place. @throws ApiError with what the server said */
export async function putFile(path: string, file: Blob, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/octet-stream" };
  const response = await fetch(apiRoot + path, { method: "PUT", headers, body: file, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      throw new ApiError("network", "The server does not answer.");
    },
  );
  if (!response.ok) throw await problemOf(response);
}

/** Calls the API and parses the answer; throws `ApiError` with what the server said. */
export async function callApi<S extends z.ZodType>(
  schema: S,
  path: string,
  call: Call = {},
): Promise<z.output<S>> {
  const response = await send(path, call);
  if (!response.ok) throw await problemOf(response);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new ApiError(
    "unreadable",
    `The server's answer is not in the expected form (${first?.path.join(".") ?? ""}: ${first?.message ?? ""}).`,
  );
}
