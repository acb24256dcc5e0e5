import regular from "@fontsource/inter/files/inter-latin-400-normal.woff?url";
import bold from "@fontsource/inter/files/inter-latin-600-normal.woff?url";
import opentype from "opentype.js";
import { otherLetters } from "./other-letters.js";

/** A letter at a place: its baseline begins there, in the coordinates of whatever it stands in. */
export type Letter = { text: string; x: number; y: number; size: number };

export type Outliner = {
  /** Path data of letters; those that no font has are left over. */
  outline: (letters: readonly Letter[], weight: number) => { d: string; left: Letter[] };
  /** From the top of a line of text to its baseline, as a share of the size of its letters. */
  ascent: number;
};

const rounded = (value: number) => String(Math.round(value * 100) / 100);

/** The commands of a shape as SVG has them; the library's own writer leaves out the space before a zero. */
function dataOf({ commands }: opentype.Path): string {
  return commands
    .map((command) => {
      if (command.type === "Z") return "Z";
      const end = `${rounded(command.x)} ${rounded(command.y)}`;
      if (command.type === "C")
        return `C${rounded(command.x1)} ${rounded(command.y1)} ${rounded(command.x2)} ${rounded(command.y2)} ${end}`;
      if (command.type === "Q") return `Q${rounded(command.x1)} ${rounded(command.y1)} ${end}`;
      return `${command.type}${end}`;
    })
    .join("");
}

async function fontAt(address: string): Promise<opentype.Font> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error("The letters of the figure could not be read from the server.");
  return opentype.parse(await answer.arrayBuffer());
}

const hasAll = (font: opentype.Font, text: string) =>
  [...text].every((character) => font.charToGlyphIndex(character) > 0);

/**
 * Turns letters into shapes, so that a figure looks the same wherever it is opened and needs no font. `text` is all that will be drawn:
 * letters of other scripts are fetched where it has some.
 */
export async function outliner(text: string): Promise<Outliner> {
  const scripts = [{ regular, bold }, ...otherLetters.filter(({ pattern }) => pattern.test(text))];
  const fonts = await Promise.all(
    scripts.map(async (script) => Promise.all([fontAt(script.regular), fontAt(script.bold)])),
  );
  const [latin] = fonts;
  return {
    ascent: latin ? latin[0].ascender / latin[0].unitsPerEm : 1,
    outline(letters, weight) {
      const weighted = fonts.map(([plain, strong]) => (weight >= 550 ? strong : plain));
      const fontOf = ({ text: letter }: Letter) => weighted.find((font) => hasAll(font, letter));
      return {
        d: letters
          .map((letter) => {
            const path = fontOf(letter)?.getPath(letter.text, letter.x, letter.y, letter.size);
            return path ? dataOf(path) : "";
          })
          .join(""),
        left: letters.filter((letter) => fontOf(letter) === undefined),
      };
    },
  };
}
