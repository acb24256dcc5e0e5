import { lazy, Suspense } from "react";

function Plain({ text }: { text: string }) {
  return <>{text}</>;
}

/** The words are fetched behind the first page; without them the text stands as it is. */
const Terms = lazy(() =>
  import("./terms.js").then(
    (module) => ({ default: module.Terms }),
    () => ({ default: Plain }),
  ),
);

/** A text in which the words of the glossary are explained where they first stand. */
export function Explained({ text }: { text: string }) {
  return (
    <Suspense fallback={text}>
      <Terms text={text} />
    </Suspense>
  );
}
