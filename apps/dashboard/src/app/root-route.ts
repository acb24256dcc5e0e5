import { createRootRoute } from "@tanstack/react-router";
import { NotFoundPage } from "./not-found-page.js";
import { Shell } from "./shell.js";

/** The frame of every page. */
export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
