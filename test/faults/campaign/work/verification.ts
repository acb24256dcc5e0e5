import { verification, verificationList } from "@reprise/contracts";
import type { Violation, Work, WorkSetting } from "./work.js";

/** A run of before is trained again while faults happen. */
export async function verificationWork({ lab, client, name, reference }: WorkSetting): Promise<Work> {
  const [runId] = reference.runIds;
  const asked = await client.call(
    { method: "POST", path: `/runs/${runId}/verify`, body: {}, key: `${name} verify` },
    verification,
  );
  const one = () => client.call({ path: `/verifications/${asked.id}` }, verification);
  return {
    sweepIds: () => [],
    done: lab.until(`verification ${asked.id} of ${name}`, async () => (await one()).endedAt !== null),
    async check() {
      const violations: Violation[] = [];
      const { status, verdict, replicaRunId } = await one();
      if (verdict !== "bit-identical")
        violations.push(`verification ${asked.id} is ${status}, with the verdict ${verdict}`);
      const all = await client.call({ path: `/runs/${runId}/verifications` }, verificationList);
      const same = all.items.filter((item) => item.replicaRunId === replicaRunId);
      if (same.length !== 1) violations.push(`${same.length} verifications have the replica ${replicaRunId}`);
      return violations;
    },
  };
}
