import type { Verification } from "@reprise/contracts";
import type { Command } from "commander";
import { z } from "zod";
import { connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { trainAgain, verificationLines } from "../studies/train-again.js";
import { UserError } from "../user-error.js";

/**
 * `reprise verify` and `reprise replay`. Exit codes: 0 bit-identical or within tolerance, 1 for everything else that was
 * found, 2 for a mistaken request.
 */
export function verificationCommand(kind: "verify" | "replay") {
  return (command: Command): void => {
    withServer(command)
      .option("--worker <name>", "train it on this worker, or on any `other` than that of the run")
      .action(async (runId: string, options: ServerOptions & { worker?: string }) => {
        const url = findEndpoint(options);
        if (!z.uuid().safeParse(runId).success)
          throw new UserError(
            `"${runId}" is not the id of a run. \`reprise sweep runs <sweep>\` lists those of a sweep.`,
          );
        const api = connectApi(url);
        const say = ({ status, replicaRunId }: Verification) =>
          console.log(status === "queued" ? `${kind} queued, ${url}/runs/${replicaRunId}` : status);
        const ended = await trainAgain(api, kind, runId, say, { worker: options.worker });
        for (const line of verificationLines(ended)) console.log(line);
        const holds = ended.verdict === "bit-identical" || ended.verdict === "within-tolerance";
        process.exitCode = holds ? 0 : 1;
      });
  };
}
