import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { fetchedScript } from "../shared/api/fetched-script.js";
import { ReachabilityContext } from "../shared/api/reachability-context.js";
import { createAppContext } from "./app-context.js";
import { fetchAhead } from "./fetch-ahead.js";
import { createAppRouter } from "./router.js";
import { cssVariables, theme } from "./theme.js";

// What a page wants to say in a corner is kept until there is a corner: nothing is said before the first click.
const Notifications = lazy(() =>
  fetchedScript(() => import("@mantine/notifications")).then((module) => ({ default: module.Notifications })),
);

export function Providers() {
  const [context] = useState(createAppContext);
  const [router] = useState(createAppRouter);
  useEffect(() => fetchAhead(router), [router]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Suspense fallback={null}>
        <Notifications position="bottom-right" />
      </Suspense>
      <QueryClientProvider client={context.queryClient}>
        <ReachabilityContext value={context.reachability}>
          <RouterProvider router={router} />
        </ReachabilityContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}
