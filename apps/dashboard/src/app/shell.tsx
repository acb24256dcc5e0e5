import { UnstyledButton } from "@mantine/core";
import { IconCommand, IconDots } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { fetchedScript } from "../shared/api/fetched-script.js";
import { sessionQuery } from "../shared/api/session-query.js";
import { Placeholder } from "../shared/ui/states.js";
import { ConnectionBanner } from "./connection-banner.js";
import { overlayScripts } from "./overlay-scripts.js";
import { placeOf, places, placesInBar } from "./places.js";
import classes from "./shell.module.css";
import { ThemeSwitch } from "./theme-switch.js";
import { useShortcuts } from "./use-shortcuts.js";

// Fetched after the first page, or when they are wanted before.
const CommandPalette = lazy(() =>
  overlayScripts.palette().then((module) => ({ default: module.CommandPalette })),
);
const ShortcutHelp = lazy(() => overlayScripts.help().then((module) => ({ default: module.ShortcutHelp })));
const MoreSheet = lazy(() => overlayScripts.more().then((module) => ({ default: module.MoreSheet })));
const LoginPage = lazy(() =>
  fetchedScript(() => import("../features/login/login-page.js")).then((module) => ({
    default: module.LoginPage,
  })),
);

function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <img src="/mark.svg" alt="" width={24} height={24} />
      Reprise
    </Link>
  );
}

type Overlay = "palette" | "help" | "more";

/** Palette, help and further places over whatever page, once one of them has been asked for. */
function Overlays({
  shown,
  show,
  here,
}: {
  shown: Overlay | "none" | null;
  show: (overlay: Overlay | "none") => void;
  here: string;
}) {
  const close = () => show("none");
  if (shown === null) return null;
  return (
    <Suspense fallback={null}>
      <CommandPalette opened={shown === "palette"} onClose={close} />
      <ShortcutHelp opened={shown === "help"} onClose={close} />
      <MoreSheet opened={shown === "more"} onClose={close} onFind={() => show("palette")} here={here} />
    </Suspense>
  );
}

type Presence = "unknown" | "unreachable" | "signed in" | "signed out" | "ended";

/**
 * Whether this browser may see pages. A page asks for nothing before that is known, or is left to say itself that the server
 * does not answer. While it is asked anew the last answer holds, so that the sign-in page keeps what is typed into it.
 */
function usePresence(): Presence {
  const { data, isError } = useQuery(sessionQuery);
  const [presence, setPresence] = useState<Presence>("unknown");
  const wasIn = presence === "signed in" || presence === "ended";
  let now = presence;
  if (data) now = "signed in";
  else if (data === null) now = wasIn ? "ended" : "signed out";
  else if (isError && presence === "unknown") now = "unreachable";
  if (now !== presence) setPresence(now);
  return now;
}

/** Left rail (a bar at the bottom on narrow screens), the banner of a lost server, and the page. */
export function Shell() {
  const here = useLocation({ select: (location) => placeOf(location.pathname) });
  const [overlay, setOverlay] = useState<Overlay | "none" | null>(null);
  const open = useMemo(() => ({ palette: () => setOverlay("palette"), help: () => setOverlay("help") }), []);
  useShortcuts(open);
  const presence = usePresence();
  if (presence === "signed out" || presence === "ended") {
    return (
      <Suspense fallback={null}>
        <LoginPage sessionEnded={presence === "ended"} />
      </Suspense>
    );
  }
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <header className={classes.rail}>
        <Brand />
        <nav aria-label="Main" className={classes.places}>
          {places.map(({ to, label, icon: Icon }, index) => (
            <Link
              key={to}
              to={to}
              className={classes.place}
              data-beyond-bar={index >= placesInBar || undefined}
              activeOptions={{ exact: true }}
              activeProps={{}}
              data-status={here === to ? "active" : undefined}
              aria-current={here === to ? "page" : undefined}
            >
              <Icon size={18} stroke={1.6} aria-hidden />
              {label}
            </Link>
          ))}
          <UnstyledButton
            className={`${classes.place} ${classes.more}`}
            onClick={() => setOverlay("more")}
            aria-haspopup="dialog"
            data-status={places.findIndex(({ to }) => to === here) >= placesInBar ? "active" : undefined}
          >
            <IconDots size={18} stroke={1.6} aria-hidden />
            More
          </UnstyledButton>
        </nav>
        <UnstyledButton className={classes.find} onClick={open.palette} aria-keyshortcuts="Control+K Meta+K">
          <IconCommand size={16} stroke={1.6} aria-hidden />
          <span>Find anything</span>
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
        <ThemeSwitch />
      </header>
      <div className={classes.page}>
        <ConnectionBanner />
        <main id="main" className={classes.main} tabIndex={-1}>
          {presence === "unknown" ? <Placeholder height={480} label="Loading the page" /> : <Outlet />}
        </main>
      </div>
      <Overlays shown={overlay} show={setOverlay} here={here} />
    </div>
  );
}
