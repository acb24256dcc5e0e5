import { auditReport } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { published } from "../../shared/api/catalogue-queries.js";
import { callApi } from "../../shared/api/client.js";

export const referenceAuditQuery = (name: string) =>
  queryOptions({
    queryKey: ["references", name, "audit"],
    queryFn: ({ signal }) =>
      callApi(auditReport, `/references/${encodeURIComponent(name)}/audit`, { signal }),
    ...published,
  });
