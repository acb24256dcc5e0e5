import type { Letter } from "./outlines.js";

const svgNamespace = "http://www.w3.org/2000/svg";
/** Pixels of a picture per pixel of the drawing: 600 dots an inch. */
const scale = 600 / 96;

/**
 * A letter that no font of ours has, or a stretch of letters that are read from the right, drawn by the browser with whatever font it finds and kept as a picture: it looks as on the page
 * wherever the figure is opened. Null where the browser draws nothing for it, as for marks that only join others.
 */
export function picturedLetter(
  { text, x, y, size }: Letter,
  { colour, weight }: { colour: string; weight: number },
): SVGImageElement | null {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the letters of the figure.");
  const font = `${weight} ${size * scale}px "Inter Variable", system-ui, sans-serif`;
  context.font = font;
  context.direction = "ltr";
  // Numbers that begin a line of a stretch that is read from the right go by the letters before them.
  const drawn = /^\P{L}.*\p{L}/u.test(text) ? `\u200f${text}` : text;
  const box = context.measureText(drawn);
  const [left, top] = [Math.ceil(box.actualBoundingBoxLeft) + 1, Math.ceil(box.actualBoundingBoxAscent) + 1];
  const width = left + Math.ceil(box.actualBoundingBoxRight) + 1;
  const height = top + Math.ceil(box.actualBoundingBoxDescent) + 1;
  if (width <= 2 || height <= 2) return null;
  canvas.width = width;
  canvas.height = height;
  // A canvas forgets its font with its size.
  context.font = font;
  context.direction = "ltr";
  context.fillStyle = colour;
  context.fillText(drawn, left, top);
  const image = document.createElementNS(svgNamespace, "image");
  const place = { x: x - left / scale, y: y - top / scale, width: width / scale, height: height / scale };
  for (const [key, value] of Object.entries(place)) image.setAttribute(key, value.toFixed(3));
  image.setAttribute("href", canvas.toDataURL("image/png"));
  return image;
}
