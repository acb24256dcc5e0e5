import { type ReactNode, useCallback, useState } from "react";
import { flushSync } from "react-dom";

/** Half a screen ahead: what one scrolls to is drawn before it is seen. */
const ahead = "50% 0px";

/** Calls `act` once, when the element comes near the viewport or the page is printed; answers how to stop waiting. */
export function whenNear(element: Element, act: () => void): () => void {
  const stop = () => {
    observer.disconnect();
    window.removeEventListener("beforeprint", onPrint);
  };
  const now = () => {
    stop();
    act();
  };
  // The page is laid out for paper as soon as this event has been handled.
  const onPrint = () => flushSync(now);
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) now();
    },
    { rootMargin: ahead },
  );
  observer.observe(element);
  window.addEventListener("beforeprint", onPrint);
  return stop;
}

export type NearView = { ref: (element: HTMLElement | null) => void; near: boolean };

/** Whether a part of the page has been near the viewport: what is far below is neither read nor drawn. */
export function useNearView(): NearView {
  const [near, setNear] = useState(false);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element) return whenNear(element, () => setNear(true));
  }, []);
  return { ref, near };
}

/** Keeps the place of what stands far below until one comes near. */
export function WhenNear({
  view: { ref, near },
  height,
  children,
}: {
  view: NearView;
  height: number;
  children: ReactNode;
}) {
  return (
    <div ref={ref} style={near ? undefined : { minHeight: height }}>
      {near ? children : null}
    </div>
  );
}
