import type { Sweep } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { analysisQuery } from "../../shared/api/analysis-queries.js";

/** What one section of the page shows is not read again because a further section appears that shows it too. */
export const readOnce = {
  refetchOnMount: (query: { getObserversCount(): number }) => query.getObserversCount() < 2,
};

/** While another metric is read, what was shown of the last one stays. */
const shared = { ...readOnce, placeholderData: keepPreviousData };

export const useDeterminism = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...analysisQuery(sweepId, "determinism", metric), ...shared });

export const useSignificance = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...analysisQuery(sweepId, "significance", metric), ...shared });

export const useConfigurations = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...analysisQuery(sweepId, "configurations", metric), ...shared });

/** Of a sequential study only: about the primary metric of its plan, whichever is shown elsewhere. */
export const useSequential = ({ id, spec }: Sweep) =>
  useQuery({ ...analysisQuery(id, "sequential"), ...readOnce, enabled: spec.design !== undefined });
