import { useLingui } from "@lingui/react/macro";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { learn } from "../i18n";
import { later } from "../later";
import classes from "./Shell.module.css";

// It names the pages of both sections.
const load = later(() => Promise.all([import("./palette/Palette"), learn("admin"), learn("account")]).then(([found]) => found), "palette");
const Palette = lazy(() => load().then((found) => ({ default: found.Palette })));
const isMac = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** Opens what goes anywhere: by a press, or by Ctrl and K wherever one is. */
export function Finder() {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setOpen((was) => !was);
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
  const near = () => void load().catch(() => undefined);
  return (
    <>
      <button type="button" className={classes.finder} aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"} aria-haspopup="dialog"
        onClick={() => setOpen(true)} onPointerEnter={near} onFocus={near}>
        <IconSearch size={18} stroke={1.7} aria-hidden />
        <span>{t`Go anywhere`}</span>
        <kbd aria-hidden>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {isOpen && <Suspense fallback={null}><Palette onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
