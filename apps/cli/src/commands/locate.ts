import {
  divergentOperationRows,
  type Localization,
  localization,
  localizationTries,
} from "@reprise/contracts";
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type ApiClient, connectApi } from "../server/api-client.js";
import { findEndpoint, type ServerOptions, withServer } from "../server/endpoint.js";
import { UserError } from "../user-error.js";

/** Exit codes: 0 where the two did not part, 1 where they did or nothing could be located, 2 for a mistaken request. */
export function locateCommand(command: Command): void {
  withServer(command)
    .option("--tries <n>", "so often where the two do not part", triesOf)
    .action(async (runId: string, other: string | undefined, options: ServerOptions & { tries?: number }) => {
      const wrong = [runId, ...(other ? [other] : [])].find((id) => !z.uuid().safeParse(id).success);
      if (wrong)
        throw new UserError(
          `"${wrong}" is not the id of a run. \`reprise sweep runs <sweep>\` lists those of a sweep.`,
        );
      const api = connectApi(findEndpoint(options));
      const ended = await located(api, runId, { other, tries: options.tries });
      for (const line of localizationLines(ended)) console.log(line);
      process.exitCode = ended.status === "ended" && ended.result?.parted === null ? 0 : 1;
    });
}

function triesOf(text: string): number {
  const tries = localizationTries.safeParse(Number(text));
  if (!tries.success) throw new InvalidArgumentError("a whole number from 1 to 20");
  return tries.data;
}

async function located(
  api: ApiClient,
  runId: string,
  request: { other?: string; tries?: number },
): Promise<Localization> {
  let now = await api.post(`/runs/${runId}/locate`, request, localization);
  let shown = "";
  while (now.status === "queued" || now.status === "running") {
    if (now.status !== shown)
      console.log(now.status === "queued" ? "queued" : `traced by ${now.workerName ?? "a worker"}`);
    shown = now.status;
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await api.get(`/localizations/${now.id}`, localization);
  }
  return now;
}

/** A localization that has ended, as lines for a terminal. */
function localizationLines({ result, from, explanation, remarks }: Localization): string[] {
  if (result === null) return [explanation ?? "Nothing was located."];
  const { parted, steps, tries } = result;
  const line = ([name, value]: [string, string]) => `${name.padEnd(16)}  ${value}`;
  const start = from?.why ? `the start: ${from.why}` : `their checkpoints after step ${from?.step ?? 0}`;
  return [
    ...(parted === null
      ? [`They did not part in ${steps} steps, ${tries} ${tries === 1 ? "try" : "tries"}.`]
      : [parted.sentence, ...divergentOperationRows(parted).map(line)]),
    ...(parted?.documentation ? [line(["Documentation", parted.documentation])] : []),
    line(["Traced from", start]),
    ...remarks,
  ];
}
