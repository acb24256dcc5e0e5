import { notifications } from "@mantine/notifications";
import { ServerText } from "./server-text.js";

/** Says that something was not done, why, and what is as it was before. */
export function notifyRefused(title: string, error: Error, unchanged: string): void {
  notifications.show({ color: "red", title, message: <ServerText text={`${error.message} ${unchanged}`} /> });
}
