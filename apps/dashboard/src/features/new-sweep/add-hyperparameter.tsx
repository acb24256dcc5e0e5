import type { Offer } from "./offers.js";
import { SearchSelect } from "./search-select.js";

/** Takes a further hyperparameter of those that the trainer announces; one that nothing would use can be read, not chosen. */
export function AddHyperparameter({
  label,
  offers,
  onAdd,
}: {
  label: string;
  offers: readonly Offer[];
  onAdd: (name: string) => void;
}) {
  return (
    <SearchSelect
      // What was chosen has left the menu: the next one begins anew.
      key={offers.length}
      name={label}
      placeholder={`${label} …`}
      width="min(100%, 280px)"
      value={null}
      offers={offers}
      refused
      onChoose={onAdd}
    />
  );
}
