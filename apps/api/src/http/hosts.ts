import { isIP } from "node:net";
import { isLoopback } from "../config.js";

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
