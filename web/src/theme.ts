import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { createTheme, type MantineColorsTuple } from "@mantine/core";
import type { Accent } from "./api";

const blue: MantineColorsTuple = [
  "#eef2ff", "#dbe3fb", "#b4c4f5", "#8aa3f0", "#6787ec", "#4c6fe6", "#3557d8", "#2a4fd0", "#2442ad", "#1c358a",
];
const dark: MantineColorsTuple = [
  "#e8ebf2", "#c3cbdd", "#a4aec4", "#7f8aa5", "#535f7f", "#3c4762", "#2a3247", "#1a2030", "#141926", "#10141d",
];

/** Ten shades of an accent: the sixth and the seventh are filled, the fourth is read on dark. */
function shadesOf({ light, filled, dark: readable }: Accent): MantineColorsTuple {
  const to = (end: number, share: number) => "#" + [1, 3, 5].map((at) => {
    const mixed = parseInt(light.slice(at, at + 2), 16) * (1 - share) + end * share;
    return Math.round(mixed).toString(16).padStart(2, "0");
  }).join("");
  return [
    to(255, 0.92), to(255, 0.83), to(255, 0.66), to(255, 0.5), readable, to(255, 0.2), filled, light, to(0, 0.15), to(0, 0.35),
  ];
}

/** Made once the language is known: buttons that are an icon alone are named in it. */
export function makeTheme(accent?: Accent) {
  const close = { closeButtonProps: { "aria-label": i18n._(msg`Close`) } };
  // A dialog's header is no banner: the page has one already.
  const dialog = { ...close, attributes: { header: { role: "none" } } };
  return createTheme({
  primaryColor: accent ? "accent" : "blue",
  primaryShade: { light: 7, dark: 6 },
  colors: { blue, dark, ...(accent && { accent: shadesOf(accent) }) },
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  headings: { fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif', fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { tt: "none" } },
    // What it would put in front for the keyboard is no entry of a menu.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // What hangs from a page stands within its main part, where those who go from landmark to landmark find it.
    Popover: { defaultProps: { portalProps: { target: "#main" } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35, blur: 2 }, ...dialog } },
    Drawer: { defaultProps: dialog },
    Notification: { defaultProps: close },
    PasswordInput: { defaultProps: { visibilityToggleButtonProps: { "aria-label": i18n._(msg`Show the password`) } } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
  },
});
}
