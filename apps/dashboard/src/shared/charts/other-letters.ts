import cyrillicRegular from "@fontsource/inter/files/inter-cyrillic-400-normal.woff?url";
import cyrillicBold from "@fontsource/inter/files/inter-cyrillic-600-normal.woff?url";
import greekRegular from "@fontsource/inter/files/inter-greek-400-normal.woff?url";
import greekBold from "@fontsource/inter/files/inter-greek-600-normal.woff?url";
import latinRegular from "@fontsource/inter/files/inter-latin-ext-400-normal.woff?url";
import latinBold from "@fontsource/inter/files/inter-latin-ext-600-normal.woff?url";

/** Letters beside those of Western Europe that the font of the pages has, in files of their own. */
export const otherLetters: readonly { pattern: RegExp; regular: string; bold: string }[] = [
  { pattern: /\p{Script=Greek}/u, regular: greekRegular, bold: greekBold },
  { pattern: /\p{Script=Cyrillic}/u, regular: cyrillicRegular, bold: cyrillicBold },
  { pattern: /[\u0100-\u02ff\u1e00-\u1eff\u20a0-\u20cf]/u, regular: latinRegular, bold: latinBold },
];
