import {
  type ImportDecisions,
  type ImportSession,
  importAnswer,
  importPreview,
  importSession,
} from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { callApi, putFile } from "../../shared/api/client.js";
import type { ChosenFile } from "./dropped-files.js";

/** So many files are sent at once. */
const together = 6;

export type Uploaded = { files: number; bytes: number };

/** Sends all files to a new import. @returns its session */
export async function uploadFiles(
  files: readonly ChosenFile[],
  onProgress: (sent: Uploaded) => void,
  signal: AbortSignal,
): Promise<ImportSession> {
  const session = await callApi(importSession, "/imports", { method: "POST", signal });
  const sent: Uploaded = { files: 0, bytes: 0 };
  const queue = [...files];
  const send = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { path, file } = next;
      await putFile(`/imports/${session.id}/files?path=${encodeURIComponent(path)}`, file, signal);
      sent.files += 1;
      sent.bytes += file.size;
      onProgress({ ...sent });
    }
  };
  try {
    await Promise.all(Array.from({ length: together }, send));
  } catch (error) {
    await discard(session.id);
    throw error;
  }
  return session;
}

export const discard = (id: string): Promise<unknown> =>
  fetch(`/api/v1/imports/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});

/** What would be imported by some decisions; what was shown of the last ones stays while it is asked. */
export const usePreview = (session: string | null, decisions: ImportDecisions) =>
  useQuery({
    queryKey: ["imports", session, "preview", decisions],
    queryFn: ({ signal }) =>
      callApi(importPreview, `/imports/${session}/preview`, { method: "POST", body: { decisions }, signal }),
    enabled: session !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

const progress = z.object({ written: z.number(), total: z.number() }).nullable();

/** How far the writing is. */
export const useProgress = (session: string | null, isWriting: boolean) =>
  useQuery({
    queryKey: ["imports", session, "progress"],
    queryFn: ({ signal }) => callApi(progress, `/imports/${session}`, { signal }),
    enabled: session !== null && isWriting,
    refetchInterval: 500,
  });

export const importInto = (
  session: string,
  decisions: ImportDecisions,
  into: "new" | undefined,
  idempotencyKey: string,
) =>
  callApi(importAnswer, `/imports/${session}/studies`, {
    ...{ method: "POST", body: { decisions, into } },
    idempotencyKey,
  });
