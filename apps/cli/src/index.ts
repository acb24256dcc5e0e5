export { bundleRelease } from "./machine/bundle-program.js";
export { findChromium } from "./machine/find-chromium.js";
export {
  prepareDashboard,
  prepareDatabaseClient,
  prepareProgram,
  prepareTrainer,
} from "./machine/prepare.js";
