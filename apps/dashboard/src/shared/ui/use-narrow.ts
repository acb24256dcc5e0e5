import { useMediaQuery } from "@mantine/hooks";

/** Whether the window is that of a phone, known from the first drawing on. */
export const useNarrow = (): boolean =>
  useMediaQuery("(max-width: 600px)", false, { getInitialValueInEffect: false }) ?? false;
