import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/providers.js";
import { takeUpAskedAhead } from "./shared/api/asked-ahead.js";

takeUpAskedAhead();
const container = document.getElementById("root");
if (!container) throw new Error("index.html has no element #root");

createRoot(container).render(
  <StrictMode>
    <Providers />
  </StrictMode>,
);
