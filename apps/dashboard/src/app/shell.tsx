import { UnstyledButton } from "@mantine/core";
import { IconCommand, IconDots } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { sessionQuery } from "../shared/api/access-queries.js";
import { ApiError } from "../shared/api/client.js";
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
  import("../features/login/login-page.js").then((module) => ({ default: module.LoginPage })),
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

/**
 * Whether the server asks for a token that this browser does not have. While that is asked anew the last answer holds, so
 * that the sign-in page keeps what is typed into it. `ended`: there was a valid one before.
 */
function useSignedOut(): { signedOut: boolean; ended: boolean } {
  const session = useQuery(sessionQuery);
  const [before, setBefore] = useState(false);
  const refused = session.error instanceof ApiError && session.error.status === 401;
  const signedOut = refused || (before && !session.isSuccess);
  if (signedOut !== before) setBefore(signedOut);
  return { signedOut, ended: session.data !== undefined };
}

/** Left rail (a bar at the bottom on narrow screens), the banner of a lost server, and the page. */
export function Shell() {
  const here = useLocation({ select: (location) => placeOf(location.pathname) });
  const [overlay, setOverlay] = useState<Overlay | "none" | null>(null);
  const open = useMemo(() => ({ palette: () => setOverlay("palette"), help: () => setOverlay("help") }), []);
  useShortcuts(open);
  const { signedOut, ended } = useSignedOut();
  if (signedOut) {
    return (
      <Suspense fallback={null}>
        <LoginPage ended={ended} />
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
          <Outlet />
        </main>
      </div>
      <Overlays shown={overlay} show={setOverlay} here={here} />
    </div>
  );
}
