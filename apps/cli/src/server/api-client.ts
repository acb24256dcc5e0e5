import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { fieldErrorLine, jsonText, problem } from "@reprise/contracts";
import type { z } from "zod";
import { UserError } from "../user-error.js";

export type ApiClient = {
  get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>>;
  post<S extends z.ZodType>(
    path: string,
    body: unknown,
    schema: S,
    headers?: Record<string, string>,
  ): Promise<z.output<S>>;
  patch<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>>;
  text(path: string): Promise<string>;
  /** The body as it comes, for a file that may be large. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
  upload<S extends z.ZodType>(path: string, file: Blob, schema: S): Promise<z.output<S>>;
  /** A body that is made as it is sent, put in its place. */
  send<S extends z.ZodType>(path: string, body: Readable, type: string, schema: S): Promise<z.output<S>>;
  remove(path: string): Promise<void>;
};

/** Puts a stream. `fetch` would keep all of it in memory until the last byte is sent. */
async function putStream(url: string, body: Readable, headers: Record<string, string>): Promise<Response> {
  const make = url.startsWith("https:") ? httpsRequest : httpRequest;
  const outgoing = make(url, { method: "PUT", headers });
  // Who refuses answers before all is sent, and then nobody takes the rest: the answer counts.
  pipeline(body, outgoing).catch(() => {});
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  return new Response(await textOf(incoming), { status: incoming.statusCode ?? 500 });
}

/** Talks to the REST API at `url`; a refusal becomes a `UserError` with one line per wrong field. */
export function connectApi(url: string): ApiClient {
  const token = process.env.REPRISE_TOKEN;
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const request = async (path: string, init?: RequestInit) => {
    const headers = { ...authorization, ...init?.headers };
    return accepted(path, fetch(`${url}/api/v1${path}`, { ...init, headers }));
  };
  /** The answer, unless it is a refusal or there is none. */
  const accepted = async (path: string, answer: Promise<Response>): Promise<Response> => {
    const response = await answer.catch(() => {
      throw new UserError(
        `No Reprise answers at ${url}. Start one with \`npx pnpm start\`, or set REPRISE_URL.`,
      );
    });
    if (response.ok) return response;
    const parsed = problem.safeParse(await response.json().catch(() => null));
    if (!parsed.success) throw new Error(`${path} answered ${response.status}`);
    throw new UserError((parsed.data.errors?.map(fieldErrorLine) ?? [parsed.data.detail]).join("\n"));
  };
  return {
    get: async (path, schema) => schema.parse(await (await request(path)).json()),
    post: async (path, body, schema, headers) => {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: body === undefined ? undefined : jsonText(body),
      };
      return schema.parse(await (await request(path, init)).json());
    },
    patch: async (path, body, schema) => {
      const headers = { "content-type": "application/json" };
      const init = { method: "PATCH", headers, body: jsonText(body) };
      return schema.parse(await (await request(path, init)).json());
    },
    text: async (path) => (await request(path)).text(),
    stream: async (path) => (await request(path)).body ?? new ReadableStream(),
    upload: async (path, file, schema) => {
      const init = { method: "POST", headers: { "content-type": file.type }, body: file };
      return schema.parse(await (await request(path, init)).json());
    },
    send: async (path, body, type, schema) => {
      const headers = { ...authorization, "content-type": type };
      return schema.parse(
        await (await accepted(path, putStream(`${url}/api/v1${path}`, body, headers))).json(),
      );
    },
    remove: async (path) => {
      await request(path, { method: "DELETE" });
    },
  };
}
