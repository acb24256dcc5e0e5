import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  checkMeaning,
  checkNesting,
  type JsonKind,
  longestDocument,
  notAllowed,
  notJson,
} from "./check-json.js";
import { LongBody } from "./long-body.js";
import type { ProblemError } from "./problems.js";

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
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: string | Buffer) => {
      const { measurements, takesLongBody } = request.routeOptions.config;
      const kind = measurements ? "measurements" : "document";
      const isShort = body.length <= longestDocument;
      if (!isShort && takesLongBody) return new LongBody(Buffer.from(body), kind);
      const text = body.toString();
      if (text.trim() === "") return undefined;
      if (isShort) checkNesting(text);
      else await checkLong(text, kind);
      const value = await new Promise<unknown>((resolve, reject) => {
        parse(request, text, (error, read) => (error ? reject(refusalOf(text)) : resolve(read)));
      });
      if (isShort) checkMeaning(text, kind);
      return value;
    },
  );
}

/** What was wrong, with the place; the safe parser refuses some names, too, and says neither. */
function refusalOf(text: string): ProblemError {
  try {
    JSON.parse(text);
    return notJson(text, notAllowed);
  } catch (error) {
    return notJson(text, error);
  }
}

const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];

/** YAML for the routes of this scope, read by `read`. */
export function registerYamlParser(app: FastifyInstance, read: (text: string) => Promise<unknown>): void {
  app.addContentTypeParser(yamlTypes, { parseAs: "string" }, async (_request: unknown, body: string) =>
    read(body),
  );
}
