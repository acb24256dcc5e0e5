import type { FieldError } from "@reprise/contracts";
import { createContext, type ReactNode, useContext } from "react";
import { ServerText } from "../../shared/ui/server-text.js";
import { errorSentence } from "./error-words.js";
import { ProblemList } from "./problem-list.js";

/** Mistakes in a document, one line each. */
export function FieldErrors({ errors }: { errors: readonly FieldError[] }) {
  return (
    <ProblemList>
      {errors.map((error) => (
        <li key={`${error.path} ${error.message}`}>
          <ServerText text={errorSentence(error)} />
        </li>
      ))}
    </ProblemList>
  );
}

/** Mistakes of the document by the place of their field; see `errorsByPlace`. */
export const ErrorsByPlace = createContext<ReadonlyMap<string, readonly FieldError[]>>(new Map());

/** What is wrong with the field of a place, for its `error`; undefined where nothing is. */
export function useFieldError(place: string): ReactNode {
  const own = useContext(ErrorsByPlace).get(place);
  if (own === undefined) return undefined;
  return <ServerText text={own.map(errorSentence).join(" ")} />;
}

/** Puts the reader where the first mistake is; false where no field of the document is wrong. */
export function focusFirstWrong(): boolean {
  const wrong = document.querySelector<HTMLElement>(
    "[data-sweep-document] [aria-invalid=true], [data-sweep-document] [data-wrong]",
  );
  wrong?.focus();
  return wrong !== null;
}
