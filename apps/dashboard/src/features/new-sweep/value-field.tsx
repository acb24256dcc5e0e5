import { TextInput } from "@mantine/core";
import { useFieldError } from "./field-errors.js";
import { useTypedText } from "./use-typed-text.js";
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
  const mistake = useFieldError(place);
  const { text, type, wrong } = useTypedText({
    value,
    textOf: (given) => fieldText(given, list),
    read: (typed) => fieldValue(typed, list),
    onCommit,
  });
  return (
    <TextInput
      label={hideLabel ? undefined : label}
      aria-label={name ?? (hideLabel ? label : undefined)}
      description={description}
      placeholder={placeholder}
      value={text}
      error={wrong ?? mistake}
      styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
