import {
  deepestNesting,
  type FieldError,
  inexactNumbers,
  jsonNestsDeeper,
  repeatedNames,
} from "@reprise/contracts";
import type { FastifyInstance } from "fastify";
import { problem, unreadNumbers } from "./problems.js";

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyContextConfig {
    /** The numbers of the body are measurements, which are rounded; without it they must be read as they are written. */
    measurements?: boolean;
  }
}

/** What a JSON parser says of a text, with the place; the safe parser refuses some names, too, and says neither. */
function whatIsWrong(text: string): string {
  try {
    JSON.parse(text);
    return "it uses a name that is not allowed (__proto__ or constructor)";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const unclearNames = (errors: FieldError[]) =>
  problem("invalid-request", 'The body has names that are given twice; see "errors".', { errors });

/** Characters of a body that somebody wrote; longer ones are written by programs, whose objects have no name twice. */
const longestDocument = 1_000_000;

/** JSON with messages that help: an empty body is no body, and a bare NaN is explained. */
export function registerJsonParser(app: FastifyInstance): void {
  // Plain text goes too: browsers send it across sites without asking.
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = body.toString();
    if (text.trim() === "") return done(null, undefined);
    if (jsonNestsDeeper(text)) {
      return done(
        problem("invalid-request", `The body nests lists or objects deeper than ${deepestNesting} levels.`),
      );
    }
    parseJson(request, text, (error, value) => {
      if (!error) {
        const what = request.routeOptions.config.measurements ? "measurements" : "document";
        const lost = inexactNumbers(text, what);
        const twice = what === "document" && text.length <= longestDocument ? repeatedNames(text) : [];
        if (lost.length > 0) return done(unreadNumbers(lost));
        return twice.length > 0 ? done(unclearNames(twice)) : done(null, value);
      }
      const bare = /[:[,]\s*-?(NaN|Infinity)\s*[,}\]]/.exec(text);
      const hint = bare ? ` JSON has no ${bare[1]}: send the string "${bare[1]}".` : "";
      done(problem("invalid-request", `The body is not valid JSON: ${whatIsWrong(text)}.${hint}`));
    });
  });
}

const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];

/** YAML for the routes of this scope, read by `read`. */
export function registerYamlParser(app: FastifyInstance, read: (text: string) => Promise<unknown>): void {
  app.addContentTypeParser(yamlTypes, { parseAs: "string" }, async (_request: unknown, body: string) =>
    read(body),
  );
}
