import { type FieldError, fieldErrorLine } from "@reprise/contracts";
import { ServerText } from "../../shared/ui/server-text.js";
import classes from "./new-sweep.module.css";

/** Mistakes in a document, one line each. */
export function FieldErrors({ errors }: { errors: readonly FieldError[] }) {
  return (
    <ul className={classes.problems}>
      {errors.map((error) => (
        <li key={`${error.path} ${error.message}`}>
          <ServerText text={fieldErrorLine(error)} />
        </li>
      ))}
    </ul>
  );
}

/** Those of the mistakes that lie at or under one of these keys of the document. */
export function errorsUnder(errors: readonly FieldError[], keys: readonly string[]): FieldError[] {
  return errors.filter(({ path }) => keys.includes(path.split(".")[0] ?? ""));
}
