import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useFieldError } from "./field-errors.js";
import { fieldText, fieldValue } from "./yaml-spec.js";

/**
 * A field for any value of the document, typed as in YAML. `list` takes several, divided by commas. What cannot be
 * read stays in the field with a word about it and does not reach the document.
 */
export function ValueField({
  label,
  value,
  list = false,
  description,
  placeholder,
  hideLabel = false,
  name,
  place,
  onCommit,
}: {
  label: string;
  value: unknown;
  list?: boolean;
  description?: string;
  placeholder?: string;
  hideLabel?: boolean;
  /** A longer accessible name, where the label alone occurs more than once. */
  name?: string;
  /** Where in the document the value stands: mistakes there are told at the field. */
  place: string;
  onCommit: (value: unknown) => void;
}) {
  const given = fieldText(value, list);
  const [text, setText] = useState(given);
  const [focused, setFocused] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const mistake = useFieldError(place);
  useEffect(() => {
    if (focused) return;
    setText(given);
    setWrong(null);
  }, [given, focused]);
  return (
    <TextInput
      label={hideLabel ? undefined : label}
      aria-label={name ?? (hideLabel ? label : undefined)}
      description={description}
      placeholder={placeholder}
      value={text}
      error={wrong ?? mistake}
      styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        const read = fieldValue(next, list);
        if ("problem" in read) return setWrong(read.problem);
        setWrong(null);
        onCommit(read.value);
      }}
    />
  );
}
