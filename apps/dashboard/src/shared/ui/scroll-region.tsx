import type { ComponentProps } from "react";
import classes from "./scroll-region.module.css";

/** A box that scrolls by itself where it is too small: named, and to be reached and scrolled with the keyboard alone. */
export function ScrollRegion({
  label,
  className = "",
  ...rest
}: { label: string } & Omit<ComponentProps<"section">, "aria-label" | "tabIndex">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={`${classes.region} ${className}`} tabIndex={0} aria-label={label} {...rest} />
  );
}
