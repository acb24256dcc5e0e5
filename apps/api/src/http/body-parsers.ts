import type { FastifyInstance, FastifyRequest } from "fastify";
import { type JsonKind, longestDocument, readJson } from "./check-json.js";
import { LongBody } from "./long-body.js";

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyContextConfig {
    /** The numbers of the body are measurements, which are rounded; without it they must be read as they are written. */
    measurements?: boolean;
  }
}

/**
 * JSON with messages that help: an empty body is no body, and a bare NaN is explained.
 *
 * @param checkLong refuses a long text that is no JSON of ours, beside the event loop
 */
export function registerJsonParser(
  app: FastifyInstance,
  checkLong: (text: string, kind: JsonKind) => Promise<void>,
): void {
  // Plain text goes too: browsers send it across sites without asking.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: string | Buffer) => {
      const { measurements, takesLongBody } = request.routeOptions.config;
      const kind = measurements ? "measurements" : "document";
      const isShort = body.length <= longestDocument;
      if (!isShort && takesLongBody) return new LongBody(Buffer.from(body), kind);
      // Without the mark of its encoding, with which some programs begin a text.
      const text = typeof body === "string" ? body : new TextDecoder().decode(body);
      if (text.trim() === "") return undefined;
      if (isShort) return readJson(text, kind);
      await checkLong(text, kind);
      return JSON.parse(text);
    },
  );
}

const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];

/** YAML for the routes of this scope, read by `read`. */
export function registerYamlParser(app: FastifyInstance, read: (text: string) => Promise<unknown>): void {
  app.addContentTypeParser(yamlTypes, { parseAs: "string" }, async (_request: unknown, body: string) =>
    read(body),
  );
}
