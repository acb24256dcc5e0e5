/** What lies over a page: not needed for the first picture, but wanted at once when a key is pressed. */
export const overlayScripts = {
  palette: () => import("./command-palette.js"),
  help: () => import("./shortcut-help.js"),
  more: () => import("./more-sheet.js"),
};
