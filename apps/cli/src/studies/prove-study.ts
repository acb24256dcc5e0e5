import { pageOf, run, type Sweep } from "@reprise/contracts";
import type { ApiClient } from "../server/api-client.js";
import { trainAgain, verificationLines } from "./train-again.js";

/** Trains the first fixed-order run of a sweep again, replays its first free run, and prints both verdicts. */
export async function proveStudy(api: ApiClient, sweep: Sweep): Promise<void> {
  for (const [kind, mode] of [
    ["verify", "deterministic"],
    ["replay", "nondeterministic"],
  ] as const) {
    const query = new URLSearchParams({ sweepId: sweep.id, status: "succeeded", mode, limit: "1" });
    const [source] = (await api.get(`/runs?${query}`, pageOf(run))).items;
    if (!source) {
      console.log(`\n${kind}: ${sweep.name} has no succeeded ${mode} run`);
      continue;
    }
    const ended = await trainAgain(api, kind, source.id);
    console.log(
      `\n${kind} of ${source.configurationLabel}, seed ${source.seed}, ${source.arm} ${source.repeat + 1}`,
    );
    for (const line of verificationLines(ended)) console.log(line);
  }
}
