import type { FigureWidth } from "./figure-choices.js";
import type { Letter, Outliner } from "./outlines.js";
import { picturedLetter } from "./pictured-letters.js";
import { lettersIn, placed } from "./placed-letters.js";

const svgNamespace = "http://www.w3.org/2000/svg";
/** Drawn at its true size: letters of 12 px are nine points on paper. */
const pixelsPerMillimetre = 96 / 25.4;

/** Free around the drawing, so that no letter touches the edge. */
const margin = 4;

/** A drawing of its own: no style sheet, no font, nothing from elsewhere. */
export type Figure = {
  svg: SVGSVGElement;
  width: number;
  height: number;
  millimetres: FigureWidth;
  /** Letters that are small pictures, because our fonts have no shapes for them. */
  pictured: string[];
};

const copied = [
  "fill",
  "fill-opacity",
  "fill-rule",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
];

/** "rgb(0, 0, 0)" and how opaque it is: programs that set papers do not read the fourth number of a colour. */
function solid(colour: string): { colour: string; opacity: number } {
  const parts = /^rgba\(([^,]+),([^,]+),([^,]+),([^)]+)\)$/.exec(colour);
  if (!parts) return { colour, opacity: 1 };
  const opacity = Number(parts[4]);
  return opacity === 0
    ? { colour: "none", opacity: 1 }
    : { colour: `rgb(${parts[1]},${parts[2]},${parts[3]})`, opacity };
}

function element<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function outlined(
  letters: readonly Letter[],
  style: CSSStyleDeclaration,
  { outline }: Outliner,
): SVGElement[] {
  const { colour, opacity } = solid(style.fill === "none" || style.fill === "" ? style.color : style.fill);
  const { d, left } = outline(letters, Number(style.fontWeight));
  return [
    ...(d === "" ? [] : [element("path", { d, fill: colour, "fill-opacity": opacity, stroke: "none" })]),
    ...left.flatMap((letter) => {
      const image = picturedLetter(letter, { colour, weight: Number(style.fontWeight) });
      image?.setAttribute("data-letter", letter.text);
      return image ?? [];
    }),
  ];
}

/** The letters of a text of a drawing, where the browser has put them. */
function lettersOf(text: SVGTextContentElement, size: number): Letter[] {
  const count = text.getNumberOfChars();
  const letters = lettersIn(text.textContent ?? "").filter(({ index }) => index < count);
  return placed(letters, ({ index }) => ({
    // The start of a letter that is read from the right is its right end.
    x: text.getExtentOfChar(index).x,
    y: text.getStartPositionOfChar(index).y,
  })).map((letter) => ({ ...letter, size }));
}

/** How far the baseline lies below the place that a text is aligned by. */
function baselineShift(style: CSSStyleDeclaration, size: number): number {
  if (style.dominantBaseline === "central" || style.dominantBaseline === "middle") return size * 0.36;
  return style.dominantBaseline === "hanging" ? size * 0.73 : 0;
}

/** A copy of a part of a drawing with its colours written out and its letters as shapes; null for what is not seen. */
function frozen(original: Element, outliner: Outliner): SVGElement | null {
  if (!(original instanceof SVGElement)) return null;
  if (["title", "desc", "style"].includes(original.tagName)) return null;
  const style = getComputedStyle(original);
  if (style.display === "none" || style.visibility === "hidden") return null;
  if (original instanceof SVGTextContentElement) {
    const size = Number.parseFloat(style.fontSize);
    const shift = baselineShift(style, size);
    const group = element("g", {});
    const transform = original.getAttribute("transform");
    if (transform) group.setAttribute("transform", transform);
    group.append(
      ...outlined(
        lettersOf(original, size).map((letter) => ({ ...letter, y: letter.y + shift })),
        style,
        outliner,
      ),
    );
    return group;
  }
  // A link leads nowhere on paper, and a drawing in a drawing is a group at its place.
  const name = original instanceof SVGAElement || original instanceof SVGSVGElement ? "g" : original.tagName;
  const copy = document.createElementNS(svgNamespace, name) as SVGElement;
  for (const { name: key, value } of original.attributes)
    if (!/^(class|style|aria-.*|role|href|tabindex|data-.*|width|height|viewBox|xmlns|on.*)$/.test(key))
      copy.setAttribute(key, value);
  for (const key of ["width", "height"])
    if (name !== "g" && original.hasAttribute(key)) copy.setAttribute(key, original.getAttribute(key) ?? "");
  for (const key of copied) {
    const value = style.getPropertyValue(key);
    if (value !== "") copy.setAttribute(key, value);
  }
  for (const paint of ["fill", "stroke"] as const) {
    const { colour, opacity } = solid(style.getPropertyValue(paint));
    copy.setAttribute(paint, colour);
    if (opacity !== 1) copy.setAttribute(`${paint}-opacity`, String(opacity));
  }
  for (const child of original.children) {
    const twin = frozen(child, outliner);
    if (twin) copy.append(twin);
  }
  return copy;
}

/** Words of a page, line by line as they are wrapped, at their places below `box`. */
function wordsOf(words: HTMLElement, box: DOMRect, outliner: Outliner): SVGElement[] {
  const style = getComputedStyle(words);
  const size = Number.parseFloat(style.fontSize);
  const drawn: Letter[] = [];
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const own = node;
    const found = placed(lettersIn(own.textContent ?? ""), ({ text, index }) => {
      const range = document.createRange();
      range.setStart(own, index);
      range.setEnd(own, index + text.length);
      const place = range.getBoundingClientRect();
      return { x: place.left - box.left, y: place.top - box.top + size * outliner.ascent };
    });
    drawn.push(...found.map((letter) => ({ ...letter, size })));
  }
  return outlined(drawn, style, outliner);
}

const drawings = "svg[data-chart], svg.recharts-surface";

type Piece = { top: number; bottom: number; drawn: readonly SVGElement[] };

/** Free between two parts of a figure, at most: on the page, sentences and tables may stand there. */
const mostGap = 20;

/** The parts of a figure from the top, moved up over what stands between them on the page alone. */
function closed(pieces: readonly Piece[]): { moved: SVGElement[]; height: number } {
  let end = 0;
  let up = 0;
  const moved = pieces
    .toSorted((a, b) => a.top - b.top)
    .map(({ top, bottom, drawn }, index) => {
      up += Math.max(0, top - end - (index === 0 ? margin : mostGap));
      end = Math.max(end, bottom);
      const group = element("g", { transform: `translate(0 ${-up})` });
      group.append(...drawn);
      return group;
    });
  return { moved, height: end - up };
}

/** Everything drawn inside `container`, with its legend, on a white ground. */
function drawnIn(container: HTMLElement, outliner: Outliner): Pick<Figure, "svg" | "width" | "height"> {
  const inner = container.getBoundingClientRect();
  const box = new DOMRect(inner.x - margin, inner.y - margin);
  const width = Math.ceil(inner.width) + 2 * margin;
  const pieces: Piece[] = [];
  for (const panel of container.querySelectorAll<SVGSVGElement>(drawings)) {
    const place = panel.getBoundingClientRect();
    if (place.width === 0) continue;
    const copy = frozen(panel, outliner);
    if (!copy) continue;
    const [left, top] = [place.left - box.left, place.top - box.top];
    // What is scrolled on the page is drawn smaller here: nothing of it is cut.
    const scale = Math.min(1, (width - margin - left) / place.width);
    const group = element("g", { transform: `translate(${left} ${top}) scale(${scale})` });
    group.append(copy);
    pieces.push({ top, bottom: top + scale * place.height, drawn: [group] });
  }
  for (const words of container.querySelectorAll<HTMLElement>("[data-chart-text]")) {
    const place = words.getBoundingClientRect();
    const top = place.top - box.top;
    pieces.push({ top, bottom: top + place.height, drawn: wordsOf(words, box, outliner) });
  }
  const { moved, height: drawnHeight } = closed(pieces);
  const height = Math.ceil(drawnHeight) + margin;
  const svg = element("svg", { xmlns: svgNamespace, viewBox: `0 0 ${width} ${height}` });
  svg.append(element("rect", { width, height, fill: "#ffffff" }), ...moved);
  return { svg, width, height };
}

const frame = () => new Promise((done) => requestAnimationFrame(done));
/** So many frames a drawing must stay the same to be taken for finished. */
const quietFrames = 3;
const mostFrames = 120;
/** So many are waited for what is not drawn at all, because its figures are still asked for. */
const mostUndrawn = 300;

/** Resolves when what is drawn inside has its new size. */
async function redrawn(container: HTMLElement): Promise<void> {
  let before = "";
  let quiet = 0;
  // Marks of a legend, which is a list, are no drawing.
  const isDrawn = () =>
    [...container.querySelectorAll(drawings)].some(
      (svg) => svg.getBoundingClientRect().width > 0 && !svg.closest("ul"),
    );
  const isWaitedFor = (count: number) =>
    isDrawn() ? count < mostFrames && quiet < quietFrames : count < mostUndrawn;
  for (let count = 0; isWaitedFor(count); count++) {
    await frame();
    const sizes = [...container.querySelectorAll("svg")].map(
      (svg) => `${svg.clientWidth} ${svg.childElementCount}`,
    );
    const now = `${container.offsetHeight} ${sizes.join()}`;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  if (!isDrawn()) throw new Error("The chart is not drawn yet; wait until it is on the page.");
}

/**
 * The drawing inside `container`, drawn anew in the width that it will have in print, on white and in the colours of the light scheme.
 * The page keeps its place meanwhile and is then as it was.
 */
export async function paperFigure(
  container: HTMLElement,
  millimetres: FigureWidth,
  { title, caption }: { title: string; caption: string },
  outliner: Outliner,
): Promise<Figure> {
  const place = container.parentElement;
  const before = { style: container.getAttribute("style"), height: place?.style.minHeight ?? "" };
  if (place) place.style.minHeight = `${place.offsetHeight}px`;
  container.dataset.paper = "";
  container.style.width = `${Math.floor(millimetres * pixelsPerMillimetre) - 2 * margin}px`;
  try {
    // What stands far below the window waits for being near, or for being printed.
    window.dispatchEvent(new Event("beforeprint"));
    await redrawn(container);
    const figure = drawnIn(container, outliner);
    figure.svg.setAttribute("width", `${millimetres}mm`);
    figure.svg.setAttribute("height", `${((millimetres * figure.height) / figure.width).toFixed(2)}mm`);
    const named = [element("title", {}), element("desc", {})] as const;
    named[0].textContent = title;
    named[1].textContent = caption;
    figure.svg.prepend(...named);
    const images = [...figure.svg.querySelectorAll<SVGImageElement>("image[data-letter]")];
    const pictured = [...new Set(images.map(({ dataset }) => dataset.letter ?? ""))];
    for (const image of images) image.removeAttribute("data-letter");
    return { ...figure, millimetres, pictured };
  } finally {
    window.dispatchEvent(new Event("afterprint"));
    if (before.style === null) container.removeAttribute("style");
    else container.setAttribute("style", before.style);
    delete container.dataset.paper;
    if (place) place.style.minHeight = before.height;
  }
}
