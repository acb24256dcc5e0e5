import regular from "@fontsource/inter/files/inter-latin-400-normal.woff?url";
import bold from "@fontsource/inter/files/inter-latin-600-normal.woff?url";
import opentype from "opentype.js";

/** A letter at a place: its baseline begins there, in the coordinates of whatever it stands in. */
export type Letter = { text: string; x: number; y: number; size: number };

export type Outliner = {
  /** Path data of letters; those that the font does not have are left over. */
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

/** Turns letters into shapes, so that a figure looks alike wherever it is opened and needs no font. */
export async function outliner(): Promise<Outliner> {
  const [plain, strong] = await Promise.all([fontAt(regular), fontAt(bold)]);
  return {
    ascent: plain.ascender / plain.unitsPerEm,
    outline(letters, weight) {
      const font = weight >= 550 ? strong : plain;
      const has = ({ text }: Letter) => font.charToGlyphIndex(text) > 0;
      return {
        d: letters
          .filter(has)
          .map(({ text, x, y, size }) => dataOf(font.getPath(text, x, y, size)))
          .join(""),
        left: letters.filter((letter) => !has(letter)),
      };
    },
  };
}
