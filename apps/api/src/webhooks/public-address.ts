import { lookup as resolveName } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { ApiConfig } from "../config.js";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/**
 * What is nobody's on the internet: private, link-local (cloud metadata), shared, reserved and multicast; and what may be a way to an
 * address of the fourth version that is: compatible, translated, Teredo, 6to4. Source: IANA, RFC 6890.
 */
const internal = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  internal.addSubnet(net, prefix);
for (const [net, prefix] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  internal.addSubnet(net, prefix, "ipv6");

export type AddressPolicy = {
  /** Host names and addresses that an administrator has named: they are reached wherever they are. */
  allowedHosts: readonly string[];
  /** Where whoever sets a webhook sits at this machine anyhow. */
  loopback: boolean;
};

export const addressPolicy = ({ authentication, webhookHosts }: ApiConfig): AddressPolicy => ({
  allowedHosts: webhookHosts,
  loopback: authentication.mode === "off",
});

/** Whether an address is that of this machine or of another in its network, to which no message goes. */
export function isRefusedAddress(address: string, policy: AddressPolicy): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
  if (loopback.check(plain, family)) return !policy.loopback;
  return internal.check(plain, family);
}

const bare = (hostname: string) => hostname.toLowerCase().replace(/^\[|\]$/g, "");

/** Why nothing is sent to that host; it names the way out. */
const refusal = (host: string) =>
  `${host} is in a private network or this machine. An administrator of the server can allow it: REPRISE_WEBHOOK_HOSTS=${host}`;

/** Why an address cannot be that of a webhook, as far as its text tells; null where it may. */
export function refusedUrl(url: string, policy: AddressPolicy): string | null {
  const host = bare(new URL(url).hostname);
  if (policy.allowedHosts.includes(host)) return null;
  if (host === "localhost") return policy.loopback ? null : refusal(host);
  return isIP(host) !== 0 && isRefusedAddress(host, policy) ? refusal(host) : null;
}

/** Resolves a name for a connection, and refuses it where it leads to a machine of ours, at this very moment. */
export const checkedLookup =
  (policy: AddressPolicy): LookupFunction =>
  (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const isNamed = policy.allowedHosts.includes(bare(hostname));
      if (!isNamed && addresses.some(({ address }) => isRefusedAddress(address, policy)))
        return callback(new Error(refusal(hostname)), []);
      const [first] = addresses;
      if (options.all || !first) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
