import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { isIP } from "node:net";
import { type AddressPolicy, checkedLookup, refusedUrl } from "./public-address.js";

/**
 * Sends a text, and answers with the status of what came back. Redirects are not followed, no proxy is asked, and the
 * address that a name leads to is judged when the connection is made.
 *
 * @throws where nobody answers within `timeoutMs` or before `stopping`, or the address is refused
 */
export function post(
  address: string,
  { body, headers }: { body: string; headers: Record<string, string> },
  { policy, timeoutMs, stopping }: { policy: AddressPolicy; timeoutMs: number; stopping: AbortSignal },
): Promise<number> {
  if (stopping.aborted) return Promise.reject(new Error("stopping"));
  const refusal = refusedUrl(address, policy);
  if (refusal !== null) return Promise.reject(new Error(refusal));
  const url = new URL(address);
  const request = url.protocol === "https:" ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
        ...(isIP(url.hostname) === 0 ? { lookup: checkedLookup(policy) } : {}),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    const stop = () => sent.destroy(new Error("stopping"));
    stopping.addEventListener("abort", stop);
    sent.on("close", () => stopping.removeEventListener("abort", stop));
    sent.on("error", reject);
    sent.end(body);
  });
}
