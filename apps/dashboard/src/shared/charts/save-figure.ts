import { saveFile } from "./download.js";
import type { FigureFormat, FigureWidth } from "./figure-choices.js";
import { outliner } from "./outlines.js";
import { type Figure, paperFigure } from "./paper-figure.js";

/** Dots per inch of pictures: what journals ask of drawings with lines. */
const dotsPerInch = 600;
const pointsPerPixel = 0.75;

const textOf = ({ svg }: Figure) => new XMLSerializer().serializeToString(svg);

async function pngOf(figure: Figure): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(figure))}`;
  await image.decode();
  const scale = dotsPerInch / 96;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(figure.width * scale);
  canvas.height = Math.round(figure.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the picture.");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is empty."))), "image/png"),
  );
}

async function pdfOf(figure: Figure, title: string, caption: string): Promise<Blob> {
  const { jsPDF, svg2pdf } = await import("./pdf-library.js");
  const size = { width: figure.width * pointsPerPixel, height: figure.height * pointsPerPixel };
  const pdf = new jsPDF({
    unit: "pt",
    format: [size.width, size.height],
    orientation: size.width > size.height ? "landscape" : "portrait",
    compress: true,
    // Fonts that are named and not embedded are refused by journals; the letters are shapes.
    putOnlyUsedFonts: true,
  });
  pdf.setProperties({ title, subject: caption, creator: "Reprise" });
  await svg2pdf(figure.svg, pdf, { x: 0, y: 0, ...size });
  return pdf.output("blob");
}

/** A figure is drawn in the page itself, in another width: two at once would spoil each other. */
let drawing: Promise<unknown> = Promise.resolve();
function afterOthers<T>(draw: () => Promise<T>): Promise<T> {
  const drawn = drawing.then(draw);
  drawing = drawn.catch(() => undefined);
  return drawn;
}

/**
 * A figure as a paper takes it: drawn in its printed width, on white, with its legend and without fonts. Resolves with the letters that
 * it holds as pictures, because our fonts have no shapes for them.
 */
export async function saveFigure(
  container: HTMLElement,
  { name, title, caption }: { name: string; title: string; caption: string },
  format: FigureFormat,
  millimetres: FigureWidth,
): Promise<string[]> {
  const shapes = await outliner(container.textContent ?? "");
  const figure = await afterOthers(() => paperFigure(container, millimetres, { title, caption }, shapes));
  const content =
    format === "svg"
      ? new Blob([textOf(figure)], { type: "image/svg+xml" })
      : format === "png"
        ? await pngOf(figure)
        : await pdfOf(figure, title, caption);
  saveFile(`${name} ${millimetres} mm.${format}`, content);
  return figure.pictured;
}
