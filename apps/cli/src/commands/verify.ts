import { type Verification, verification } from "@reprise/contracts";
import { divergencePlace } from "@reprise/study";
import type { Command } from "commander";
import { type ApiClient, connectApi } from "../api-client.js";
import { findEndpoint } from "../endpoint.js";

const commands = [
  ["verify", "train a run again and compare the two to the bit"],
  ["replay", "train a free run again in its recorded summation order, which should repeat it to the bit"],
] as const;

/** Exit codes: 0 bit-identical or within tolerance, 1 for everything else that was found, 2 for a mistaken request. */
export function addVerificationCommands(program: Command): void {
  for (const [kind, description] of commands) {
    program
      .command(`${kind} <run>`)
      .description(description)
      .option("--data <folder>", "data directory of the running server", "data")
      .action(async (runId: string, options: { data: string }) => {
        const url = findEndpoint(options.data);
        const api = connectApi(url);
        const created = await api.post(`/runs/${encodeURIComponent(runId)}/${kind}`, {}, verification);
        console.log(`${kind} queued, ${url}/runs/${created.replicaRunId}`);
        const ended = await untilEnded(api, created);
        for (const line of verificationLines(ended)) console.log(line);
        const holds = ended.verdict === "bit-identical" || ended.verdict === "within-tolerance";
        process.exitCode = holds ? 0 : 1;
      });
  }
}

/** A verification that has ended, as lines for a terminal: verdict, where the runs part, why, and the suspects. */
export function verificationLines(ended: Verification): string[] {
  const { verdict, explanation, firstDivergence, suspects } = ended;
  const show = (value: Verification["suspects"][number]["source"]) => (value === null ? "–" : String(value));
  return [
    `verdict           ${verdict ?? "none"}`,
    ...(firstDivergence ? [`first divergence  ${divergencePlace(firstDivergence)}`] : []),
    ...(explanation === null ? [] : [explanation]),
    ...(suspects.length > 0 ? ["suspects, most likely first (value of the run → of its replica):"] : []),
    ...suspects.map(
      ({ key, source, replica, likelihood }) =>
        `  ${likelihood.padEnd(8)}  ${key}: ${show(source)} → ${show(replica)}`,
    ),
  ];
}

async function untilEnded(api: ApiClient, created: Verification): Promise<Verification> {
  let shown = "";
  for (;;) {
    const now = await api.get(`/verifications/${created.id}`, verification);
    if (now.status === "ended" || now.status === "failed") return now;
    if (now.status !== shown) console.log(now.status);
    shown = now.status;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
