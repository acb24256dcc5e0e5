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

/**
 * Whether a page of this origin is one of ours: it came from the address that it asks, port and all, or an administrator
 * has named it. Another program's page on this machine is another origin.
 */
function isAllowedOrigin(
  origin: string,
  host: string | undefined,
  { allowedHosts }: { allowedHosts: string[] },
): boolean {
  try {
    const from = new URL(origin);
    if (allowedHosts.includes(from.hostname) || allowedHosts.includes(from.host)) return true;
    return host !== undefined && from.host === new URL(`${from.protocol}//${host}`).host;
  } catch {
    return false;
  }
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
    if (origin !== undefined && !isAllowedOrigin(origin, request.headers.host, config)) {
      throw problem(
        "forbidden",
        `Requests from pages of ${JSON.stringify(origin)} are refused. An administrator can name the host, or host:port, in REPRISE_ALLOWED_HOSTS.`,
      );
    }
    if (/%00/.test(request.url)) {
      throw problem("invalid-request", "The address holds a NUL character, which no name here has.");
    }
  });
}
