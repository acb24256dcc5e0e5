export { findChromium } from "./machine/find-chromium.js";
export {
  prepareDashboard,
  prepareDatabaseClient,
  prepareProgram,
  prepareTrainer,
} from "./machine/prepare.js";
