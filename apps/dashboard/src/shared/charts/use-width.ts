import { useCallback, useState } from "react";
import { whenNear } from "../ui/near-view.js";

/**
 * Width in px of the element that gets `ref`, from when it is near the viewport; null before. A chart keeps its place
 * until then and is drawn only when someone may soon look at it.
 */
export function useWidth(): { ref: (element: HTMLElement | null) => void; width: number | null } {
  const [width, setWidth] = useState<number | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    const stopWaiting = whenNear(element, () => {
      setWidth(Math.floor(element.getBoundingClientRect().width));
      observer.observe(element);
    });
    return () => {
      stopWaiting();
      observer.disconnect();
    };
  }, []);
  return { ref, width };
}
