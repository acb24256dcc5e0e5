export { findChromium } from "./find-chromium.js";
export { prepareDashboard, prepareDatabaseClient, prepareTrainer } from "./prepare.js";
