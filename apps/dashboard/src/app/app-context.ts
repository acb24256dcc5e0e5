import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "../shared/api/client.js";
import { createReachability } from "../shared/api/reachability.js";

/** The query client and what it learns about the server on the way. */
export function createAppContext() {
  const reachability = createReachability();
  /** A token that was revoked or has expired meanwhile: the shell asks for another. */
  const askWhoIsThere = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) {
      void queryClient.invalidateQueries({ queryKey: ["session"] });
    }
  };
  const queryClient: QueryClient = new QueryClient({
    // A wrong token on the sign-in page is answered there; asking once more who is there changes nothing.
    mutationCache: new MutationCache({ onError: askWhoIsThere }),
    queryCache: new QueryCache({
      onSuccess: () => reachability.answered(),
      onError: (error) => {
        askWhoIsThere(error);
        if (error instanceof ApiError && error.kind === "network") reachability.lost();
        else reachability.answered();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // The server decides what is wrong with a request; only an absent server is worth asking again.
        retry: (failures, error) => error instanceof ApiError && error.kind === "network" && failures < 1,
        retryDelay: 800,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return { queryClient, reachability };
}
