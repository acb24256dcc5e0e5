import { fetchedScript } from "../shared/api/fetched-script.js";

/** What lies over a page: not needed for the first picture, but wanted at once when a key is pressed. */
export const overlayScripts = {
  palette: () => fetchedScript(() => import("./command-palette.js")),
  help: () => fetchedScript(() => import("./shortcut-help.js")),
  more: () => fetchedScript(() => import("./more-sheet.js")),
};
