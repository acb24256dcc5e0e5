import { describe, expect, it } from "vitest";
import { styleFaults } from "./support/style-sheets.js";

const sheet = {
  file: "src/ui/card.module.css",
  text: ".card {\n  gap: 1.5rem;\n}\n\n.card > :global(.dim) {\n}\n",
};
const card = {
  file: "src/ui/card.tsx",
  text: 'import classes from "./card.module.css";\nexport const Card = () => <p className={classes.card} />;',
};

describe("the rule that a style sheet belongs to one component", () => {
  it("has nothing against a sheet of its own", () => {
    expect(styleFaults([card], [sheet])).toEqual([]);
  });

  it("finds a planted second import, from another folder too", () => {
    const second = { file: "src/pages/list.tsx", text: 'import card from "../ui/card.module.css";' };
    expect(styleFaults([card, second], [sheet])).toEqual([
      "src/pages/list.tsx imports src/ui/card.module.css",
    ]);
  });

  it("finds a sheet that nobody imports, or that only a component of another name does", () => {
    const other = { ...card, file: "src/ui/cards.tsx" };
    expect(styleFaults([], [sheet])).toEqual(["src/ui/card.module.css does not belong to src/ui/card.tsx"]);
    expect(styleFaults([other], [sheet])).toEqual([
      "src/ui/cards.tsx imports src/ui/card.module.css",
      "src/ui/card.module.css does not belong to src/ui/card.tsx",
    ]);
  });

  it("finds a class that nobody uses, and one that nobody defines", () => {
    const more = { ...sheet, text: `${sheet.text}\n@media print {\n  .tail:hover {\n  }\n}\n` };
    const missing = { ...card, text: `${card.text}\nconst name = classes.head;` };
    expect(styleFaults([card], [more])).toEqual(["src/ui/card.module.css defines .tail for nobody"]);
    expect(styleFaults([missing], [sheet])).toEqual(["src/ui/card.tsx uses .head, which nobody defines"]);
  });

  it("lets a component hand all classes on", () => {
    const handing = { ...card, text: `${card.text}\nconst list = <List classNames={classes} />;` };
    const more = { ...sheet, text: `${sheet.text}\n.tail {\n}\n` };
    expect(styleFaults([handing], [more])).toEqual([]);
  });
});
