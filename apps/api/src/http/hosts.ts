import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { type ApiConfig, isLoopback } from "../config.js";
import { problem } from "./problems.js";

/** Host name of a `Host` header or an origin, lower case, without port and brackets; null when it has none. */
export function hostName(value: string): string | null {
  try {
    const url = new URL(value.includes("://") ? value : `http://${value}`);
    return url.hostname.toLowerCase().replace(/^\[|\]$/g, "") || null;
  } catch {
    return null;
  }
}

/**
 * Whether browsers may talk to us under this name. A foreign name that resolves to this machine is how DNS rebinding
 * gets past the same-origin rule; a bare address cannot be rebound, and counts once we serve a network.
 */
export function isAllowedHost(
  name: string | null,
  config: { host: string; allowedHosts: string[] },
): boolean {
  if (name === null) return false;
  if (isLoopback(name) || config.allowedHosts.includes(name)) return true;
  return !isLoopback(config.host) && (name === config.host.toLowerCase() || isIP(name) !== 0);
}

/** Refuses requests to another host name or from pages of another origin, before anything else is done with them. */
export function registerHosts(app: FastifyInstance, config: ApiConfig): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    if (!isAllowedHost(hostName(request.headers.host ?? ""), config)) {
      throw problem(
        "forbidden",
        `This server does not answer to the host ${JSON.stringify(request.headers.host ?? "")}. ` +
          "Use localhost, or add the name to REPRISE_ALLOWED_HOSTS.",
      );
    }
    const { origin } = request.headers;
    if (origin !== undefined && !isAllowedHost(hostName(origin), config)) {
      throw problem("forbidden", `Requests from pages of ${JSON.stringify(origin)} are refused.`);
    }
    if (/%00/.test(request.url)) {
      throw problem("invalid-request", "The address holds a NUL character, which no name here has.");
    }
  });
}
