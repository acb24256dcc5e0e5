import { expect, it } from "vitest";
import { gapMarks, type PanelLine, piecesOf, rowsOf } from "./line-rows.js";

const line = (values: (number | null)[], more: Partial<PanelLine> = {}): PanelLine => ({
  ...{ key: "loss", label: "train loss", color: "blue", steps: values.map((_, index) => index + 1), values },
  ...more,
});

it("cuts a line where a value is not finite, and nowhere else", () => {
  const pieces = piecesOf(
    line([1, null, null, 2, 3], { band: { low: [0, 0, 0, 1, 2], high: [2, 2, 2, 3, 4] } }),
  );
  expect(pieces.map(({ key, steps, band }) => ({ key, steps, low: band?.low }))).toEqual([
    { key: "loss", steps: [1], low: [0] },
    { key: "loss 2", steps: [4, 5], low: [1, 2] },
  ]);
  expect(piecesOf(line([null, null]))).toEqual([]);
  expect(piecesOf(line([1, 2]))).toMatchObject([{ key: "loss", steps: [1, 2] }]);
});

it("keeps the steps of a gap on the axis, and those at which only another line has a point", () => {
  const other = line([5], { key: "other", steps: [7] });
  expect(rowsOf([line([1, null, 2]), other], 1)).toEqual([
    { step: 1, loss: 1 },
    { step: 2 },
    { step: 3, "loss 2": 2 },
    { step: 7, other: 5 },
  ]);
});

it("marks where each line is first not finite", () => {
  expect(gapMarks([line([1, null, 2]), line([1]), line([null])])).toMatchObject([
    { at: 2, text: "train loss: not finite", row: 0 },
    { at: 1, row: 1 },
  ]);
});
