import type { Thumbnails } from "@reprise/contracts";
import { apiRoot } from "../api/client.js";
import classes from "./case-thumbnail.module.css";

/** A case's cell on a sheet of small pictures. */
export type CasePicture = { sheet: Thumbnails; column: number; row: number };

/** Finds the picture of a case by its id; null for tables and cases beyond what a sheet holds. */
export type FindPicture = (caseId: string) => CasePicture | null;

/** Looks cases up on the sheets of one split; where runs split differently, a case may be on several and is the same picture. */
export function pictureFinder(sheets: readonly Thumbnails[], split: string): FindPicture {
  const cells = new Map<string, CasePicture>();
  for (const sheet of sheets.filter((candidate) => candidate.split === split)) {
    sheet.ids.forEach((id, index) => {
      if (cells.has(id)) return;
      cells.set(id, { sheet, column: index % sheet.columns, row: Math.floor(index / sheet.columns) });
    });
  }
  return (caseId) => cells.get(caseId) ?? null;
}

/** Pixels on the screen that a picture takes at least half of. */
const shownSide = 32;

/** The picture of a case, its pixels as they are: whole multiples, nothing smoothed. */
export function CaseThumbnail({
  picture,
  caseId,
  trueClass,
}: {
  picture: CasePicture | null;
  caseId: string;
  trueClass: string;
}) {
  if (picture === null) return null;
  const { sheet, column, row } = picture;
  const { width, height, columns, ids, key } = sheet;
  const scale = Math.max(1, Math.floor(shownSide / Math.max(width, height)));
  const rows = Math.ceil(ids.length / columns);
  return (
    <span
      role="img"
      aria-label={`case ${caseId}, true class ${trueClass}`}
      className={classes.picture}
      style={{
        width: width * scale,
        height: height * scale,
        backgroundImage: `url(${apiRoot}/thumbnails/${key})`,
        backgroundSize: `${columns * width * scale}px ${rows * height * scale}px`,
        backgroundPosition: `${-column * width * scale}px ${-row * height * scale}px`,
      }}
    />
  );
}
