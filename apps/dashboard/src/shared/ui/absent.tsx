import classes from "./absent.module.css";

/** A figure that is not there: a dash with the reason, for pointer and screen reader. */
export function Absent({ reason }: { reason: string }) {
  return (
    <abbr className={classes.absent} title={reason}>
      <span aria-hidden>–</span>
      <span className="visually-hidden">not given: {reason}</span>
    </abbr>
  );
}
