import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this installation: a clone, the folder with pnpm-workspace.yaml, or a released package of the same layout. */
export const installationRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
/** Whether this is a released package: everything that a clone builds at its first start is in it. */
export const isReleased = !existsSync(join(installationRoot, "pnpm-workspace.yaml"));
export const dashboardFolder = join(installationRoot, "apps", "dashboard");
export const dashboardBuild = join(dashboardFolder, "dist");

/** The command line's own program, for starting it again as a child. */
export const cliProgram = join(installationRoot, "apps", "cli", "src", "main.ts");
/** The bundle of a released package. */
export const releasedProgram = join(installationRoot, "apps", "cli", "dist", "release", "main.js");
