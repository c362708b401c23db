/** The languages, and the one that is shown: chosen, else the server's, else the browser's. */
import { i18n } from "@lingui/core";

export const LANGUAGES: Readonly<Record<string, string>> = {
  en: "English",
  fr: "Français",
  de: "Deutsch",
  es: "Español",
  ar: "العربية",
};
const RIGHT_TO_LEFT = new Set(["ar"]);
const KEPT = "keycell.language";
const catalogs = import.meta.glob<{ messages: Record<string, string> }>("./locales/*.po");

export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

export function chosenLanguage(server: string): string {
  const wanted = [localStorage.getItem(KEPT) ?? "", server, ...navigator.languages];
  return wanted.map((one) => one.split("-")[0] ?? "").find((one) => one in LANGUAGES) ?? "en";
}

/** Fetch the words that will most likely be spoken, before the server has said which. */
export async function fetchWords(): Promise<void> {
  // What fails is asked for again by `speak`.
  await catalogs[`./locales/${chosenLanguage("")}.po`]?.().catch(() => undefined);
}

export async function speak(language: string): Promise<void> {
  const load = catalogs[`./locales/${language}.po`];
  if (load === undefined) throw new Error(`there is no catalog ${language}`);
  const { messages } = await load();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
}

export function keepLanguage(language: string): void {
  localStorage.setItem(KEPT, language);
}
