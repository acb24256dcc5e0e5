import { type ComboboxItem, Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { Offer } from "./offers.js";
import classes from "./search-select.module.css";

const isFor = ({ label, value, description }: Offer, words: readonly string[]) => {
  const text = `${label} ${value} ${description}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

/** A menu of what the study can have; what is typed finds the rest, with the reason why it cannot, or not now. */
export function SearchSelect({
  label,
  name,
  placeholder,
  value,
  offers,
  refused = false,
  error,
  width,
  onChoose,
}: {
  label?: string;
  /** Accessible name, where there is no label. */
  name?: string;
  placeholder?: string;
  value: string | null;
  offers: readonly Offer[];
  /** What the study cannot have can be read, not chosen. */
  refused?: boolean;
  error?: ReactNode;
  width?: string;
  onChoose: (value: string) => void;
}) {
  const known = value === null || offers.some((offer) => offer.value === value);
  const all = known
    ? offers
    : [
        { value, label: value === "" ? "choose …" : `${value} (not announced)`, description: "", why: null },
        ...offers,
      ];
  const byValue = new Map(all.map((offer) => [offer.value, offer]));
  const shown = (search: string) => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return all.filter((offer) => offer.why === null || offer.value === value);
    const found = all.filter((offer) => isFor(offer, words));
    return [...found.filter(({ why }) => why === null), ...found.filter(({ why }) => why !== null)];
  };
  const item = (offer: Offer): ComboboxItem => ({
    value: offer.value,
    label: offer.label,
    disabled: refused && offer.why !== null,
  });
  return (
    <Select
      label={label}
      aria-label={name}
      placeholder={placeholder}
      searchable
      selectFirstOptionOnChange
      allowDeselect={false}
      maxDropdownHeight={360}
      w={width}
      comboboxProps={{
        width: "max-content",
        position: "bottom-start",
        middlewares: { shift: true, flip: true },
      }}
      styles={{ dropdown: { minWidth: 280, maxWidth: "min(460px, 92vw)" } }}
      nothingFoundMessage="Nothing has this name."
      error={error}
      value={value}
      data={all.map(item)}
      filter={({ search }) => shown(search).map(item)}
      renderOption={({ option }) => {
        const offer = byValue.get(option.value);
        return (
          <div className={classes.option}>
            {option.label}
            {offer?.why || offer?.description ? <span>{offer.why ?? offer.description}</span> : null}
          </div>
        );
      }}
      onChange={(chosen) => chosen !== null && onChoose(chosen)}
    />
  );
}
