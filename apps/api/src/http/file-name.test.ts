import { describe, expect, it } from "vitest";
import { attachment } from "./file-name.js";

describe("the name under which an answer is saved", () => {
  it.each([
    [
      "small study-significance-recall (TPR)",
      'attachment; filename="small-study-significance-recall-TPR.csv"',
    ],
    ["a-b-../../etc/passwd", 'attachment; filename="a-b-..-..-etc-passwd.csv"'],
    ["s-准确率", "attachment; filename=\"s.csv\"; filename*=UTF-8''s-%E5%87%86%E7%A1%AE%E7%8E%87.csv"],
    ["précision", 'attachment; filename="precision.csv"'],
  ])("of %s", (name, header) => expect(attachment(name, "csv")).toBe(header));
});
