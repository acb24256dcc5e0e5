import type { FastifyInstance } from "fastify";
import { parse } from "yaml";
import { problem } from "./problems.js";

/** What a JSON parser says of a text, with the place; the safe parser refuses some names, too, and says neither. */
function whatIsWrong(text: string): string {
  try {
    JSON.parse(text);
    return "it uses a name that is not allowed (__proto__ or constructor)";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** JSON with messages that help: an empty body is no body, and a bare NaN is explained. */
export function registerJsonParser(app: FastifyInstance): void {
  // Plain text goes too: browsers send it across sites without asking.
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = body.toString();
    if (text.trim() === "") return done(null, undefined);
    parseJson(request, text, (error, value) => {
      if (!error) return done(null, value);
      const bare = /[:[,]\s*-?(NaN|Infinity)\s*[,}\]]/.exec(text);
      const hint = bare ? ` JSON has no ${bare[1]}: send the string "${bare[1]}".` : "";
      done(problem("invalid-request", `The body is not valid JSON: ${whatIsWrong(text)}.${hint}`));
    });
  });
}

const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];

/** YAML 1.2 for the routes of this scope; aliases are bounded by the parser. */
export function registerYamlParser(app: FastifyInstance): void {
  app.addContentTypeParser(yamlTypes, { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, parse(body.toString(), { maxAliasCount: 100 }));
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      done(problem("invalid-request", `The body is not valid YAML: ${reason}`));
    }
  });
}
