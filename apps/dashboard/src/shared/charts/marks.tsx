import type { SVGProps } from "react";
import classes from "./marks.module.css";

type PathProps = Omit<SVGProps<SVGPathElement>, "className">;
type TextProps = Omit<SVGProps<SVGTextElement>, "className">;

// What every drawing has, in one look: lines and words of its axes, names of its lanes.

export const GridLine = (props: PathProps) => <path className={classes.grid} {...props} />;
export const AxisLine = (props: PathProps) => <path className={classes.axis} {...props} />;
export const ChanceLine = (props: PathProps) => (
  <path className={classes.chance} data-mark="chance" {...props} />
);
/** Joins two figures of one thing. */
export const Join = (props: PathProps) => <path className={classes.join} {...props} />;
/** A single value among others: the diamond keeps its edge where it lies on them. */
export const Diamond = (props: PathProps) => <path className={classes.diamond} {...props} />;

export const Tick = (props: TextProps) => <text className={classes.tick} {...props} />;
export const AxisLabel = (props: TextProps) => <text className={classes.axisLabel} {...props} />;
export const Heading = (props: TextProps) => <text className={classes.heading} {...props} />;
export const Label = (props: TextProps) => <text className={classes.label} {...props} />;
