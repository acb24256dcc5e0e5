/** A longer cell is no number with a mark; it is left as it is. */
const longestCell = 500;

/** Commands whose argument is what is printed: \textbf{91.2} is 91.2. */
const wrappers =
  /\\(?:textbf|textit|textsc|textrm|texttt|textsf|emph|underline|uline|mathbf|mathrm|mathit|bm|boldsymbol|text|mbox|makecell|shortstack|num|bfseries|textcolor\{[^{}]*\}|rotatebox\{[^{}]*\}|multirow\{[^{}]*\}\{[^{}]*\}|SI|qty)\s*(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}/g;
/** Commands that print nothing of their own. */
const silent =
  /\\(?:cellcolor|rowcolor|columncolor|phantom|hphantom|vspace|hspace|label|footnotemark|footnote|tnote|cite[tp]?|color|fontsize)\*?(?:\[[^\]]*\])*(?:\{[^{}]*\})*|\\(?:bf|bfseries|it|itshape|rm|sc|em|tiny|scriptsize|footnotesize|small|normalsize|large|centering|raggedright|raggedleft|boldmath|displaystyle|noindent|selectfont|strut)(?![A-Za-z])/g;
const symbols: [RegExp, string][] = [
  [/\\(?:pm|textpm)(?![A-Za-z])/g, "±"],
  [/\\(?:times|cdot)(?![A-Za-z])/g, "×"],
  [/\\(?:dagger|dag|textdagger)(?![A-Za-z])/g, "†"],
  [/\\(?:ddagger|ddag|textdaggerdbl)(?![A-Za-z])/g, "‡"],
  [/\\(?:ast|textasteriskcentered|star)(?![A-Za-z])/g, "*"],
  [/\\(?:uparrow|downarrow|checkmark)(?![A-Za-z])/g, ""],
  [/\\Delta(?![A-Za-z])/g, "Δ"],
  [/\\(?:sigma|mu)(?![A-Za-z])/g, ""],
  [/\\(?:leq?|leqslant)(?![A-Za-z])/g, "≤"],
  [/\\(?:geq?|geqslant)(?![A-Za-z])/g, "≥"],
  [/\\(?:sim|approx)(?![A-Za-z])/g, "≈"],
  [/\\(?:textendash|textminus)(?![A-Za-z])/g, "–"],
  [/\\(?:quad|qquad|,|;|:|!| )|~/g, " "],
  [/\{,\}/g, ","],
  [/\\([%&#_$])/g, "$1"],
];
const superscripts: Record<string, string> = {
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
  "-": "⁻",
};
const raised = (text: string) =>
  text
    .trim()
    .replace(/[0-9-]/g, (digit) => superscripts[digit] ?? digit)
    .replace(/^[a-z]$/, (letter) => `[${letter}]`);

/** The text of a cell without LaTeX: \textbf{91.2} $\pm$ 0.3\% is 91.2 ± 0.3%. */
function withoutLatex(cell: string): string {
  if (!/[\\${}^~]|--/.test(cell)) return cell.trim();
  let text = cell;
  // Wrappers stand in each other: \textbf{\underline{91.2}}.
  for (let depth = 0; depth < 5; depth += 1) {
    const inner = text.replace(wrappers, "$1").replace(/\\textsuperscript\{([^{}]*)\}/g, "^{$1}");
    if (inner === text) break;
    text = inner;
  }
  text = text.replace(silent, "");
  for (const [pattern, plain] of symbols) text = text.replace(pattern, plain);
  return text
    .replace(/(?<!\\)\$/g, "")
    .replace(/\^\{([^{}]*)\}|\^([0-9*†‡§])/g, (_, group = "", single = "") => raised(group || single))
    .replace(/_\{\s*(±[^{}]*)\}/g, " $1")
    .replace(/_\{([^{}]*)\}/g, "_$1")
    .replace(/(\d)\s*-{2,3}\s*(?=[\d.])/g, "$1–")
    .replace(/[{}]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The text of a cell without Markdown emphasis, code marks and the HTML that Markdown allows. */
function withoutMarkdown(cell: string): string {
  let text = cell
    .replace(/<br\s*\/?>/gi, " ")
    .replace(/<sup>([^<]*)<\/sup>/gi, (_, inner: string) => raised(inner))
    .replace(/<\/?(?:b|i|u|em|strong|span|sub|small|mark|code)\b[^>]*>/gi, "")
    .replace(/&plusmn;/gi, "±")
    .replace(/&nbsp;/gi, " ")
    .replace(/&amp;/gi, "&")
    .replace(/\[([^\]]+)\]\([^)\s]+\)/g, "$1")
    .replace(/\\([|*_`~#])/g, "$1")
    .trim();
  for (let depth = 0; depth < 4; depth += 1) {
    const inner = text
      .replace(/(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1/g, "$2")
      .replace(/^([*_`])(?=[^*_`\s])(.+?)(?<=[^*_`\s])\1/, "$2");
    if (inner === text) break;
    text = inner;
  }
  return text.replace(/`/g, "").replace(/\s+/g, " ").trim();
}

/** What a cell says once its emphasis is gone, whatever it was written in. */
export const plainText = (cell: string): string =>
  cell.length > longestCell ? cell.trim() : withoutMarkdown(withoutLatex(cell));
