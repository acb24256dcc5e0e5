const copied = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
];
const svgNamespace = "http://www.w3.org/2000/svg";

/** Hands a file to the browser's download. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function freezeStyles(original: Element, copy: Element): void {
  const style = getComputedStyle(original);
  if (copy instanceof SVGElement) {
    for (const property of copied) {
      const value = style.getPropertyValue(property);
      if (value !== "") copy.setAttribute(property, value);
    }
    copy.removeAttribute("class");
    copy.removeAttribute("style");
  }
  Array.from(original.children).forEach((child, index) => {
    const twin = copy.children[index];
    if (twin) freezeStyles(child, twin);
  });
}

/**
 * All drawings inside `container` as one self-contained SVG: panels keep their places, texts marked with
 * `data-chart-text` come along, and colours are written out so that the file needs no style sheet.
 */
export function containerToSvg(container: HTMLElement): { text: string; width: number; height: number } {
  const box = container.getBoundingClientRect();
  const outer = document.createElementNS(svgNamespace, "svg");
  const width = Math.ceil(box.width);
  const height = Math.ceil(box.height);
  outer.setAttribute("xmlns", svgNamespace);
  outer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  outer.setAttribute("width", String(width));
  outer.setAttribute("height", String(height));
  const ground = document.createElementNS(svgNamespace, "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  outer.append(ground);
  for (const panel of container.querySelectorAll<SVGSVGElement>("svg[data-chart], svg.recharts-surface")) {
    const place = panel.getBoundingClientRect();
    const copy = document.importNode(panel, true);
    freezeStyles(panel, copy);
    copy.setAttribute("x", String(place.left - box.left));
    copy.setAttribute("y", String(place.top - box.top));
    copy.setAttribute("width", String(place.width));
    copy.setAttribute("height", String(place.height));
    outer.append(copy);
  }
  for (const words of container.querySelectorAll<HTMLElement>("[data-chart-text]")) {
    const place = words.getBoundingClientRect();
    const style = getComputedStyle(words);
    const text = document.createElementNS(svgNamespace, "text");
    text.setAttribute("x", String(place.left - box.left));
    text.setAttribute("y", String(place.top - box.top + place.height * 0.75));
    text.setAttribute("fill", style.color);
    text.setAttribute("font-family", style.fontFamily);
    text.setAttribute("font-size", style.fontSize);
    text.setAttribute("font-weight", style.fontWeight);
    text.textContent = words.textContent;
    outer.append(text);
  }
  return { text: new XMLSerializer().serializeToString(outer), width, height };
}

/** The same drawing as PNG at twice the size of the screen. */
export async function containerToPng(container: HTMLElement): Promise<Blob> {
  const { text, width, height } = containerToSvg(container);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the picture.");
  context.scale(2, 2);
  context.drawImage(image, 0, 0, width, height);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is empty."))), "image/png"),
  );
}
