import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { determinismQuery } from "../../shared/api/analysis-queries.js";
import { configurationsQuery, significanceQuery } from "./queries.js";

/** What one section of the page shows is not read again because a further section appears that shows it too. */
export const readOnce = {
  refetchOnMount: (query: { getObserversCount(): number }) => query.getObserversCount() < 2,
};

/** While another metric is read, what was shown of the last one stays. */
const shared = { ...readOnce, placeholderData: keepPreviousData };

export const useDeterminism = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...determinismQuery(sweepId, metric), ...shared });

export const useSignificance = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...significanceQuery(sweepId, metric), ...shared });

export const useConfigurations = (sweepId: string, metric: string | undefined) =>
  useQuery({ ...configurationsQuery(sweepId, metric), ...shared });
