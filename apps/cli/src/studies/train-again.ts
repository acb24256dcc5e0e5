import { type Verification, verification, type verificationRequest } from "@reprise/contracts";
import { divergenceLines } from "@reprise/study";
import type { z } from "zod";
import type { ApiClient } from "../server/api-client.js";

/** Has a run verified or replayed and waits for the verdict; `onChange` hears every change of status before the end. */
export async function trainAgain(
  api: ApiClient,
  kind: "verify" | "replay",
  runId: string,
  onChange: (now: Verification) => void = () => {},
  request: z.input<typeof verificationRequest> = {},
): Promise<Verification> {
  let now = await api.post(`/runs/${encodeURIComponent(runId)}/${kind}`, request, verification);
  let shown = "";
  while (now.status !== "ended" && now.status !== "failed") {
    if (now.status !== shown) onChange(now);
    shown = now.status;
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await api.get(`/verifications/${now.id}`, verification);
  }
  return now;
}

/** A verification that has ended, as lines for a terminal: verdict, where the runs part, why, and the suspects. */
export function verificationLines(ended: Verification): string[] {
  const { verdict, explanation, firstDivergence, suspects } = ended;
  const line = ([name, value]: [string, string]) => `${name.padEnd(16)}  ${value}`;
  const show = (value: Verification["suspects"][number]["source"]) => (value === null ? "–" : String(value));
  return [
    line(["verdict", verdict ?? "none"]),
    ...(firstDivergence ? divergenceLines(firstDivergence).map(line) : []),
    ...(explanation === null ? [] : [explanation]),
    ...(suspects.length > 0 ? ["suspects, most likely first (value of the run → of its replica):"] : []),
    ...suspects.map(
      ({ key, source, replica, likelihood }) =>
        `  ${likelihood.padEnd(8)}  ${key}: ${show(source)} → ${show(replica)}`,
    ),
  ];
}
