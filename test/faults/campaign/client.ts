import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";

/** An answer that says no: another try would get the same. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
    what: string,
  ) {
    super(`${what} answered ${status}: ${body.slice(0, 500)}`);
  }
}

type Call = {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** The same for every try: what is done is done once. */
  key?: string;
};

/** Calls until the server has acknowledged or refused. */
export type Client = {
  call<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>>;
  bytes(path: string): Promise<Uint8Array>;
};

const answerWithinMs = 8_000;
const firstPauseMs = 50;
const longestPauseMs = 500;

/** What another try may mend: the server is away, too busy, or still works on the first try under this key. */
const isPassing = (status: number, body: string) =>
  status >= 500 || status === 429 || (status === 409 && body.includes("still being worked on"));

/** A client that never gives up before `deadline` (of `Date.now()`), as a program in a notebook. */
export function clientOf(url: string, deadline: number): Client {
  const call = async ({ method, path, body, headers, key }: Call): Promise<Response> => {
    const isJson = body !== undefined && !(body instanceof Uint8Array) && typeof body !== "string";
    const given = isJson ? JSON.stringify(body) : body;
    let last: unknown = "no try";
    for (let pauseMs = firstPauseMs; Date.now() < deadline; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        const answer = await fetch(`${url}/api/v1${path}`, {
          method: method ?? (body === undefined ? "GET" : "POST"),
          headers: {
            ...(isJson ? { "content-type": "application/json" } : {}),
            ...(key === undefined ? {} : { "idempotency-key": key }),
            ...headers,
          },
          ...(given === undefined ? {} : { body: given }),
          signal: AbortSignal.timeout(answerWithinMs),
        });
        if (answer.ok) return answer;
        const text = await answer.text();
        if (!isPassing(answer.status, text)) throw new Refused(answer.status, text, path);
        last = `${answer.status} ${text}`;
      } catch (error) {
        if (error instanceof Refused) throw error;
        last = error;
      }
      await delay(pauseMs);
    }
    throw new Error(`${path} was not acknowledged in time: ${String(last)}`);
  };
  return {
    async call(what, schema) {
      const answer = await call(what);
      const text = await answer.text();
      return schema.parse(text === "" ? undefined : JSON.parse(text));
    },
    bytes: async (path) => new Uint8Array(await (await call({ path })).arrayBuffer()),
  };
}
