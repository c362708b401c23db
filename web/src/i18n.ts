/** The languages, and the one that is shown: what the server was told, else what was chosen here, else the browser's. */
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

type Catalogs = Record<string, () => Promise<{ messages: Record<string, string> }>>;
/** The words of each language, apart for what most people never open: `words.ts` of the build says what is in which. */
const PARTS = {
  first: import.meta.glob("./locales/*.po", { query: "?part=first" }) as Catalogs,
  dialogs: import.meta.glob("./locales/*.po", { query: "?part=dialogs" }) as Catalogs,
  places: import.meta.glob("./locales/*.po", { query: "?part=places" }) as Catalogs,
  account: import.meta.glob("./locales/*.po", { query: "?part=account" }) as Catalogs,
  admin: import.meta.glob("./locales/*.po", { query: "?part=admin" }) as Catalogs,
  applications: import.meta.glob("./locales/*.po", { query: "?part=applications" }) as Catalogs,
  developing: import.meta.glob("./locales/*.po", { query: "?part=developing" }) as Catalogs,
  people: import.meta.glob("./locales/*.po", { query: "?part=people" }) as Catalogs,
  telling: import.meta.glob("./locales/*.po", { query: "?part=telling" }) as Catalogs,
  watching: import.meta.glob("./locales/*.po", { query: "?part=watching" }) as Catalogs,
  palette: import.meta.glob("./locales/*.po", { query: "?part=palette" }) as Catalogs,
};
export type Part = keyof typeof PARTS;
let decide: (language: string) => void = () => undefined;
const decided = new Promise<string>((resolve) => (decide = resolve));

export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

export function chosenLanguage(server: string): string {
  const wanted = [server, localStorage.getItem(KEPT) ?? "", ...navigator.languages];
  return wanted.map((one) => one.split("-")[0] ?? "").find((one) => one in LANGUAGES) ?? "en";
}

/** Fetch the words that will most likely be spoken, before the server has said which. */
export async function fetchWords(): Promise<void> {
  // What fails is asked for again by `speak`.
  await PARTS.first[`./locales/${chosenLanguage(document.documentElement.lang)}.po`]?.().catch(() => undefined);
}

// Words that did not come with what says them are a mistake of ours: the tests listen.
i18n.on("missing", ({ id, locale }) => console.error(`${locale} has no words for ${id}`));

/** Fetch the words of a part, in the language of the page. */
export async function learn(part: Part): Promise<void> {
  const language = await decided;
  const load = PARTS[part][`./locales/${language}.po`];
  if (load === undefined) throw new Error(`there is no catalog ${language}`);
  const { messages } = await load();
  i18n.load(language, messages);
}

export async function speak(language: string): Promise<void> {
  decide(language);
  await learn("first");
  i18n.activate(language);
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
}

export function keepLanguage(language: string): void {
  localStorage.setItem(KEPT, language);
}
