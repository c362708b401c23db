import { useLingui } from "@lingui/react/macro";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
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
  // Where one was, and is again once it closes.
  const from = useRef<Element | null>(null);
  const open = () => { from.current = document.activeElement; setOpen(true); };
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (!isOpen) from.current = document.activeElement;
      setOpen(!isOpen);
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen && from.current instanceof HTMLElement) from.current.focus();
  }, [isOpen]);
  const near = () => void load().catch(() => undefined);
  return (
    <>
      <button type="button" className={classes.finder} aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"} aria-haspopup="dialog"
        onClick={open} onPointerEnter={near} onFocus={near}>
        <IconSearch size={18} stroke={1.7} aria-hidden />
        <span>{t`Go anywhere`}</span>
        <kbd aria-hidden>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {isOpen && <Suspense fallback={null}><Palette onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
