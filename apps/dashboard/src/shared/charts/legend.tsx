import type { ReactNode } from "react";
import classes from "./legend.module.css";

export type LegendItem = { mark: ReactNode; text: string };

/** What the marks mean, in words. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className={classes.legend}>
      {items.map((item) => (
        <li key={item.text}>
          <svg width="18" height="14" data-chart="" aria-hidden="true">
            {item.mark}
          </svg>
          <span data-chart-text="">{item.text}</span>
        </li>
      ))}
    </ul>
  );
}

export const dot = (color: string) => <circle cx="9" cy="7" r="4" fill={color} fillOpacity="0.75" />;
export const diamond = (color: string) => <path d="M9 1 L15 7 L9 13 L3 7 Z" fill={color} />;
export const line = (color: string, dash?: string) => (
  <path d="M1 7 H17" stroke={color} strokeWidth="2.5" strokeDasharray={dash} />
);
export const dashed = (color: string) => (
  <path d="M1 7 H17" stroke={color} strokeWidth="2" strokeDasharray="5 3" />
);
export const ring = (color: string) => (
  <circle cx="9" cy="7" r="4" fill="none" stroke={color} strokeWidth="1.6" />
);
export const hollowDiamond = (color: string) => (
  <path d="M9 1.500 L14.500 7 L9 12.500 L3.500 7 Z" fill="none" stroke={color} strokeWidth="1.6" />
);
export const boxMark = (color: string) => (
  <path
    d="M0 7 H4 M14 7 H18 M4 2.500 H14 V11.500 H4 Z M9 2.500 V11.500"
    fill="none"
    stroke={color}
    strokeWidth="1"
  />
);
export const band = (color: string) => (
  <rect x="1" y="2" width="16" height="10" rx="2" fill={color} fillOpacity="0.22" />
);
export const tick = (color: string) => <path d="M9 1 V13" stroke={color} strokeWidth="2" />;
export const hairline = () => (
  <path d="M9 0 V14" stroke="var(--ink-3)" strokeWidth="1" strokeDasharray="2 2" />
);
export const cross = () => <path d="M1 7 H17 M9 0 V14" stroke="var(--ink-3)" strokeWidth="1.5" />;
