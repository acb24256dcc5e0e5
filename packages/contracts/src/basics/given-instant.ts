import { z } from "zod";

const form =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d)(?:\.\d+)?)?)$/;

const firstMoment = Date.parse("0001-01-01T00:00:00Z");
const lastMoment = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether a moment, in milliseconds since 1970, falls in years that every calendar and database here writes with four digits. */
export const hasFourDigitYear = (moment: number) => moment >= firstMoment && moment <= lastMoment;

/** Milliseconds since 1970, or null for a day or time that no calendar has. */
function momentOf(text: string): number | null {
  const [, date = "", time = "", sign, hours = "0", minutes = "0", seconds = "0"] = form.exec(text) ?? [];
  const local = new Date(`${date}T${time.replace(",", ".")}Z`);
  // What a Date makes of 30 February is 2 March.
  const isReal = !Number.isNaN(local.getTime()) && local.toISOString().startsWith(date);
  if (!isReal || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const offset = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
  return local.getTime() - (sign === "-" ? -1 : 1) * offset * 1000;
}

/**
 * A moment as a client writes it, in UTC afterwards: ISO 8601 with an offset, as `isoformat()` of an aware Python datetime
 * gives it (`2026-11-29T07:00:00.123456+02:00`; `str()` of one has a space for the T). Without an offset it could be
 * anywhere within a day.
 */
export const givenInstant = z
  .string()
  .regex(
    form,
    "must be a time with its offset from UTC, such as 2026-11-29T07:00:00+00:00; in Python datetime.now(timezone.utc).isoformat()",
  )
  .transform((text, context) => {
    const moment = momentOf(text);
    if (moment !== null && hasFourDigitYear(moment)) return new Date(moment).toISOString();
    context.addIssue({ code: "custom", message: "is a day or time that does not exist" });
    return z.NEVER;
  });
