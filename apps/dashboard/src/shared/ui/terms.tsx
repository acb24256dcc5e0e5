import { type Term, termAnchor, termsIn } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import { type SyntheticEvent, useId, useState } from "react";
import classes from "./terms.module.css";

const width = 300;
const away = 8;

/** Below the word, or above it at the end of the window; never beyond its right edge. */
function placeAt(word: DOMRect) {
  const left = Math.max(away, Math.min(word.left, window.innerWidth - width - away));
  return word.bottom > window.innerHeight - 180
    ? { left, width, bottom: window.innerHeight - word.top }
    : { left, width, top: word.bottom };
}

/** A word that the glossary explains: its meaning under the pointer or the focus, the glossary behind the link. */
function TermLink({ term: { term, meaning }, text }: { term: Term; text: string }) {
  const id = useId();
  const [place, setPlace] = useState<ReturnType<typeof placeAt> | null>(null);
  const show = (event: SyntheticEvent) => setPlace(placeAt(event.currentTarget.getBoundingClientRect()));
  const hide = () => setPlace(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the link inside takes the focus; the pointer may move to the meaning
    <span onPointerLeave={hide} onKeyDown={(event) => event.key === "Escape" && hide()}>
      <Link
        to="/glossary"
        hash={termAnchor(term)}
        className={classes.term}
        aria-describedby={place ? id : undefined}
        onPointerEnter={(event) => event.pointerType === "mouse" && show(event)}
        onFocus={show}
        onBlur={hide}
        onClick={hide}
      >
        {text}
      </Link>
      {place ? (
        <span role="tooltip" id={id} className={classes.meaning} style={place}>
          <span>{meaning}</span>
        </span>
      ) : null}
    </span>
  );
}

/** A text in which the words of the glossary are explained where they first stand. */
export function Terms({ text }: { text: string }) {
  const pieces = termsIn(text).map((piece, place) => {
    // Pieces keep their places as long as the text is the same.
    const key = `${place} ${piece.text}`;
    return piece.term ? (
      <TermLink key={key} term={piece.term} text={piece.text} />
    ) : (
      <span key={key}>{piece.text}</span>
    );
  });
  return <>{pieces}</>;
}
