import { useDebouncedValue } from "@mantine/hooks";
import {
  canonicalJson,
  type FieldError,
  type SweepPreview,
  sweepCheck,
  sweepPreview,
} from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, callApi } from "../../shared/api/client.js";
import { eachOnce, errorsStill } from "./judged-errors.js";
import type { ReadSpec } from "./yaml-spec.js";

const previewDelayMs = 400;

/** What the server says of a document: what it would become, or why it cannot be read. */
type Judgement = { document: unknown; preview: SweepPreview | null; errors: readonly FieldError[] };

async function judged({ spec, value: document }: ReadSpec, signal: AbortSignal): Promise<Judgement> {
  const call = { method: "POST", body: document, signal } as const;
  if (spec === null) {
    const { errors } = await callApi(sweepCheck, "/sweeps/check", call);
    return { document, preview: null, errors };
  }
  try {
    const preview = await callApi(sweepPreview, "/sweeps/preview", call);
    return { document, preview, errors: preview.errors };
  } catch (error) {
    if (error instanceof ApiError && error.fieldErrors.length > 0)
      return { document, preview: null, errors: error.fieldErrors };
    throw error;
  }
}

/** What the answer depends on; null where there is nothing to ask. */
const identityOf = ({ value }: ReadSpec) => (value === null ? null : canonicalJson(value));

export type Preview = {
  /** What the document would become; of a former text while `isCounting`, null where it cannot be told. */
  preview: SweepPreview | null;
  /** The answer for the text of now is not there yet. */
  isCounting: boolean;
  /** Why there is no answer. */
  refused: ApiError | null;
  askAgain: () => void;
  errors: readonly FieldError[];
};

/** What the server says of a document, a moment after its last change, and every mistake found here or there. */
export function usePreview(read: ReadSpec): Preview {
  const [asked] = useDebouncedValue(read, previewDelayMs);
  const now = useMemo(() => identityOf(read), [read]);
  const identity = useMemo(() => identityOf(asked), [asked]);
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["preview", identity],
    queryFn: ({ signal }) => judged(asked, signal),
    enabled: identity !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const isCounting = now !== null && (now !== identity || isPending || isPlaceholderData);
  const known = data?.errors ?? [];
  // Mistakes belong to the text that they judge: those of a former one stay only where nothing has changed since.
  const told = isCounting ? errorsStill(known, data?.document, read.value) : known;
  return {
    preview: data?.preview ?? null,
    isCounting,
    refused: error instanceof ApiError && !isCounting ? error : null,
    askAgain: () => void refetch(),
    errors: now === null ? read.problems : eachOnce([...read.problems, ...told]),
  };
}
