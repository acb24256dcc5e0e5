import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ReachabilityContext } from "../shared/api/reachability-context.js";
import { createAppContext } from "./app-context.js";
import { fetchAhead } from "./fetch-ahead.js";
import { createAppRouter } from "./router.js";
import { cssVariables, theme } from "./theme.js";

export function Providers() {
  const [context] = useState(createAppContext);
  const [router] = useState(createAppRouter);
  useEffect(() => fetchAhead(router), [router]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={context.queryClient}>
        <ReachabilityContext value={context.reachability}>
          <RouterProvider router={router} />
        </ReachabilityContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}
