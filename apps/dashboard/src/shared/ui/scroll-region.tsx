import { useMergedRef } from "@mantine/hooks";
import { type ComponentProps, useCallback, useState } from "react";
import classes from "./scroll-region.module.css";

/** Whether more stands to the right than is seen. */
function useBeyond(): { ref: (element: HTMLElement | null) => void; beyond: boolean } {
  const [beyond, setBeyond] = useState(false);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const look = () => setBeyond(element.scrollLeft + element.clientWidth < element.scrollWidth - 2);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return { ref, beyond };
}

/**
 * A box that scrolls by itself where it is too small: named, and to be reached and scrolled with the keyboard alone. Its edge fades
 * where more follows, and on a phone the first column of a table stays.
 */
export function ScrollRegion({
  label,
  className = "",
  ref: given,
  ...rest
}: { label: string } & Omit<ComponentProps<"section">, "aria-label" | "tabIndex">) {
  const { ref: look, beyond } = useBeyond();
  const ref = useMergedRef(look, given);
  return (
    <div className={classes.frame} data-beyond={beyond || undefined}>
      <section
        ref={ref}
        className={`${classes.region} ${className}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        {...rest}
      />
    </div>
  );
}
