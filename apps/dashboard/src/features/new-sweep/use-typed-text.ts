import { canonicalJson } from "@reprise/contracts";
import { useEffect, useState } from "react";

export type ReadText<T> = (text: string) => { value: T } | { problem: string };

/**
 * Text of a field that stands for a value of the document. What was typed stays as it was typed, also after the focus has left, for
 * as long as it means what the document says, or cannot be read; a value that comes from elsewhere takes its place.
 */
export function useTypedText<T>({
  value,
  textOf,
  read,
  onCommit,
}: {
  value: unknown;
  textOf: (value: unknown) => string;
  read: ReadText<T>;
  onCommit: (value: T) => void;
}) {
  const given = canonicalJson(value ?? null);
  const [text, setText] = useState(() => textOf(value));
  /** The value that the text stands for. */
  const [meant, setMeant] = useState(given);
  const [wrong, setWrong] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is told by its canonical form
  useEffect(() => {
    if (given === meant) return;
    setText(textOf(value));
    setMeant(given);
    setWrong(null);
  }, [given]);
  const type = (next: string) => {
    setText(next);
    const found = read(next);
    if ("problem" in found) return setWrong(found.problem);
    setWrong(null);
    setMeant(canonicalJson(found.value ?? null));
    onCommit(found.value);
  };
  return { text, type, wrong };
}
