import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** Neutral ink: actions are dark on light and light on dark, so that colour stays free for data. */
const ink: MantineColorsTuple = [
  "#f4f4f3",
  "#e7e8e8",
  "#cfd1d3",
  "#b3b7bb",
  "#8e949b",
  "#676d76",
  "#4b5058",
  "#33373d",
  "#202327",
  "#131518",
];

/** The greys of the dark scheme, from text to ground. */
const dark: MantineColorsTuple = [
  "#eceded",
  "#c3c7cc",
  "#a0a6ad",
  "#7b8289",
  "#3a3f44",
  "#2a2e32",
  "#1a1d20",
  "#121416",
  "#0e1012",
  "#090a0b",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 8, dark: 1 },
  autoContrast: true,
  colors: { ink, dark },
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    const isInk = input.color === undefined || input.color === "ink";
    return input.variant === "filled" && isInk ? { ...colors, color: "var(--on-ink)" } : colors;
  },
  components: {
    // The default tick is white, which the light fill of the dark scheme swallows.
    Checkbox: { defaultProps: { iconColor: "var(--on-ink)" } },
    // A cross has no text: that of dialogues and of messages.
    CloseButton: { defaultProps: { "aria-label": "Close" } },
  },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1.125rem" } } },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfbfa",
    "--mantine-color-text": "#17191c",
    "--mantine-color-dimmed": "#5d636b",
    "--mantine-color-placeholder": "#676d76",
    "--mantine-color-default-border": "#d6d7d5",
    "--mantine-color-error": "#b3261e",
  },
  dark: {
    "--mantine-color-body": "#121416",
    "--mantine-color-text": "#eceded",
    "--mantine-color-dimmed": "#a3a9b0",
    "--mantine-color-placeholder": "#8f959d",
    "--mantine-color-default": "#1b1e21",
    "--mantine-color-default-hover": "#24282c",
    "--mantine-color-default-border": "#3a3f44",
    "--mantine-color-error": "#ff9b91",
  },
});
