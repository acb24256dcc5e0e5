export { findChromium } from "./machine/find-chromium.js";
export { prepareDashboard, prepareDatabaseClient, prepareTrainer } from "./machine/prepare.js";
