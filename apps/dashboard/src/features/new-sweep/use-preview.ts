import { useDebouncedValue } from "@mantine/hooks";
import { canonicalJson, type FieldError, sweepPreview } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ApiError, callApi } from "../../shared/api/client.js";
import type { ReadSpec } from "./yaml-spec.js";

const previewDelayMs = 400;

/** What the server says of a document, a moment after its last change, and every mistake found here or there. */
export function usePreview(read: ReadSpec) {
  const [value] = useDebouncedValue(read.spec ? read.value : null, previewDelayMs);
  const identity = value === null ? null : canonicalJson(value);
  const preview = useQuery({
    queryKey: ["preview", identity],
    queryFn: ({ signal }) =>
      callApi(sweepPreview, "/sweeps/preview", { method: "POST", body: value, signal }),
    enabled: identity !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const refused = preview.error instanceof ApiError ? preview.error : null;
  const errors: readonly FieldError[] =
    read.problems.length > 0 ? read.problems : (preview.data?.errors ?? refused?.fieldErrors ?? []);
  return { preview, refused, errors };
}
