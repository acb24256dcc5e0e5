/** Widths in millimetres that journals print: a column, and both of a page. */
export const figureWidths = [85, 180] as const;
export type FigureWidth = (typeof figureWidths)[number];

export const figureFormats = ["svg", "pdf", "png"] as const;
export type FigureFormat = (typeof figureFormats)[number];
