import { createHash } from "node:crypto";
import { canonicalJson, type RunNeeds } from "@reprise/contracts";

/**
 * One queue for all runs with the same needs, so that a worker is delivered what it may train and nothing else: trainer, class of
 * device and, where there are requirements, a digest of them.
 */
export function queueName({ trainer, deviceClass, requires }: RunNeeds): string {
  const name = `runs-${trainer}-${deviceClass}`;
  if (Object.keys(requires).length === 0) return name;
  return `${name}-${createHash("sha256").update(canonicalJson(requires)).digest("hex").slice(0, 16)}`;
}
