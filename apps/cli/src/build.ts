/** `npx pnpm build`: everything that is generated or bundled, as `start` would make it. */
import {
  prepareDashboard,
  prepareDatabaseClient,
  prepareProgram,
  prepareTrainer,
} from "./machine/prepare.js";

for (const prepare of [prepareDatabaseClient, prepareProgram, prepareTrainer, prepareDashboard]) {
  const { name, built, seconds } = await prepare();
  console.log(built ? `built ${name} in ${seconds.toFixed(1)} s` : `${name} is up to date`);
}
