import {
  IconArrowsDiff,
  IconBook2,
  IconCpu,
  IconFlask2,
  IconListSearch,
  IconSquareRoundedPlus,
  IconTable,
} from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { ConnectionBanner } from "./connection-banner.js";
import classes from "./shell.module.css";
import { ThemeSwitch } from "./theme-switch.js";

const places = [
  { to: "/", label: "Sweeps", icon: IconFlask2 },
  { to: "/sweeps/new", label: "New sweep", icon: IconSquareRoundedPlus },
  { to: "/runs", label: "Runs", icon: IconTable },
  { to: "/compare", label: "Compare", icon: IconArrowsDiff },
  { to: "/references", label: "References", icon: IconBook2 },
  { to: "/audit", label: "Audit", icon: IconListSearch },
  { to: "/workers", label: "Workers", icon: IconCpu },
] as const;

function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <img src="/mark.svg" alt="" width={24} height={24} />
      Reprise
    </Link>
  );
}

/** Sweeps and their runs stand under "Sweeps". */
function placeOf(path: string): string {
  if (places.some(({ to }) => to === path)) return path;
  if (path.startsWith("/references/")) return "/references";
  return path === "/" || path.startsWith("/sweeps/") || path.startsWith("/runs/") ? "/" : "";
}

/** Left rail (a bar at the bottom on narrow screens), the banner of a lost server, and the page. */
export function Shell() {
  const here = useLocation({ select: (location) => placeOf(location.pathname) });
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <header className={classes.rail}>
        <Brand />
        <nav aria-label="Main" className={classes.places}>
          {places.map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              className={classes.place}
              activeOptions={{ exact: true }}
              activeProps={{}}
              data-status={here === to ? "active" : undefined}
              aria-current={here === to ? "page" : undefined}
            >
              <Icon size={18} stroke={1.6} aria-hidden />
              {label}
            </Link>
          ))}
        </nav>
        <ThemeSwitch />
      </header>
      <div className={classes.page}>
        <ConnectionBanner />
        <main id="main" className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}
