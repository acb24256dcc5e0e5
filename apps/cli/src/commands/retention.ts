import { type RetentionPreview, retentionAnswer } from "@reprise/contracts";
import type { Command } from "commander";
import { counted } from "../counted.js";
import { connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";

type Options = ServerOptions & { logs?: string; checkpoints?: string };

const kinds = [
  ["logs", "REPRISE_KEEP_LOGS_DAYS"],
  ["checkpoints", "REPRISE_KEEP_CHECKPOINTS_DAYS"],
] as const;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function line(kind: keyof RetentionPreview, preview: RetentionPreview, variable: string): string {
  const would = preview[kind];
  if (would === null) return `${kind}: kept for ever (${variable} is not set)`;
  const { days, runs, bytes } = would;
  const old = `${kind}: kept for ${counted(days, "day")} after a run has ended; those of ${counted(runs, "run")} (${megabytes(bytes)}) are older`;
  if (!("elsewhere" in would) || would.elsewhere.files === 0) return old;
  const { files, bytes: theirs } = would.elsewhere;
  return `${old}; ${counted(files, "older file")} (${megabytes(theirs)}) on other machines, which the server cannot see, stay`;
}

/** `reprise retention`: removes nothing. */
export function retentionCommand(command: Command): void {
  withServer(command)
    .option("--logs <days>", "as if logs were kept for so many days")
    .option("--checkpoints <days>", "as if checkpoints were kept for so many days")
    .action(async ({ logs, checkpoints, ...server }: Options) => {
      const query = new URLSearchParams({
        ...(logs === undefined ? {} : { keepLogsDays: logs }),
        ...(checkpoints === undefined ? {} : { keepCheckpointsDays: checkpoints }),
      });
      const { plan, wouldRemove } = await connectApi(findEndpoint(server)).get(
        `/maintenance/retention?${query}`,
        retentionAnswer,
      );
      for (const [kind, variable] of kinds) console.log(line(kind, wouldRemove, variable));
      const isTried =
        wouldRemove.logs?.days !== (plan.keepLogsDays ?? undefined) ||
        wouldRemove.checkpoints?.days !== (plan.keepCheckpointsDays ?? undefined);
      console.log(
        isTried
          ? "Nothing was removed. To have it removed every hour, start the server with these variables set."
          : "These are the settings of the server, which removes every hour what is older.",
      );
    });
}
