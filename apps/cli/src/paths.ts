import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this installation: the folder with pnpm-workspace.yaml. */
export const installationRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const dashboardFolder = join(installationRoot, "apps", "dashboard");
export const dashboardBuild = join(dashboardFolder, "dist");

/** The command line's own program, for starting it again as a child. */
export const cliProgram = join(installationRoot, "apps", "cli", "src", "main.ts");
