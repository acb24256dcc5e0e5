import { describe, expect, it } from "vitest";
import { givenInstant } from "./given-instant.js";

const read = (text: string) => {
  const parsed = givenInstant.safeParse(text);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ message }) => message).join("; ");
};

describe("a moment as clients write it", () => {
  it.each([
    ["2026-11-29T07:00:00Z", "2026-11-29T07:00:00.000Z"],
    ["2026-11-29T07:00:00.123Z", "2026-11-29T07:00:00.123Z"],
    ["2026-11-29T07:00:00.123456+00:00", "2026-11-29T07:00:00.123Z"],
    ["2026-11-29T07:00:00+02:00", "2026-11-29T05:00:00.000Z"],
    ["2026-11-29T01:00:00.5-05:30", "2026-11-29T06:30:00.500Z"],
    ["2026-11-29 07:00:00+00:00", "2026-11-29T07:00:00.000Z"],
    ["2026-11-29T07:00:00+0530", "2026-11-29T01:30:00.000Z"],
    ["2026-11-29T07:00+02", "2026-11-29T05:00:00.000Z"],
    ["2026-11-29T05:53:28+05:53:28", "2026-11-29T00:00:00.000Z"],
    ["2024-02-29T00:00:00+14:00", "2024-02-28T10:00:00.000Z"],
  ])("%s is %s", (text, moment) => expect(read(text)).toBe(moment));

  it.each(["2026-11-29T07:00:00", "2026-11-29", "29.11.2026 07:00", "1764399600", "yesterday", ""])(
    "%s says how to write it",
    (text) => expect(read(text)).toContain("datetime.now(timezone.utc).isoformat()"),
  );

  it.each([
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T25:00:00Z",
    "2026-01-01T00:00:00+24:00",
  ])("%s does not exist", (text) => expect(read(text)).toContain("does not exist"));
});
