/**
 * The catalogs as they are sent: what the first look needs, and a part for each section that is fetched with it.
 *
 * Translators have one file a language. Where a sentence stands says `en.po`; one that stands in several parts
 * is in the first.
 */
import { createCompiledCatalog, getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { relative } from "node:path";
import type { Plugin } from "vite";

/** The more special stand first. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ["places", /^src\/pages\/(files\/(First|Lately|Links|Recent|Restore|Search|Shared|Starred|Sync|Trash)|account\/Apps)/],
  ["account", /^src\/pages\/account\//],
  ["applications", /^src\/pages\/admin\/(applications|Client|FirstSignIn|Wizard)/],
  ["developing", /^src\/pages\/admin\/(trying\/|Developers|Inspector|Tried|Try)/],
  ["telling", /^src\/pages\/admin\/(Alert|alerting|Hook)/],
  ["watching", /^src\/pages\/admin\/(Audit|Branding|filters|Keys|Report|Health|Settings|Storage)/],
  ["people", /^src\/pages\/admin\/(Group|Importing|Inviting|People|Person)/],
  ["admin", /^src\/pages\/admin\//],
  ["palette", /^src\/shell\/palette\//],
  ["dialogs", /^src\/pages\/files\/dialogs\//],
];
/** Shown where the words of other parts are there too. */
const WITHIN: Readonly<Record<string, readonly string[]>> = { applications: ["admin"], developing: ["admin"], people: ["admin"], telling: ["admin"], watching: ["admin"], palette: ["admin", "account"] };
const CATALOG = /\/locales\/(\w+)\.po\?part=(\w+)/;

export function partOf(file: string): string {
  return PARTS.find(([, pattern]) => pattern.test(file))?.[0] ?? "first";
}

function shared(files: readonly string[]): string {
  const parts = new Set(files.map(partOf));
  for (const one of parts) if (WITHIN[one]?.some((other) => parts.has(other))) parts.delete(one);
  const [only, ...others] = parts;
  if (only === undefined || others.length === 0) return only ?? "first";
  return WITHIN[only]?.find((around) => others.every((one) => WITHIN[one]?.includes(around))) ?? "first";
}

/** Whether the words of a part are there wherever a page of another is shown. */
function knows(shown: string, part: string): boolean {
  return shown === part || (WITHIN[shown] ?? []).includes(part);
}

/** The language and the part of which a module has the words. */
export function catalogOf(id: string): { language: string; part: string } | undefined {
  const [, language, part] = CATALOG.exec(id) ?? [];
  return language === undefined || part === undefined ? undefined : { language, part };
}

export function words(): Plugin {
  const config = getConfig();
  const folder = config.rootDir ?? "";
  const read = getCatalogs(config).then(async ([catalog]) => {
    if (catalog === undefined) throw new Error("lingui.config.ts names no catalog");
    const source = (await catalog.read("en")) ?? {};
    const stand = Object.entries(source).map(([id, one]) => [id, (one.origin ?? []).map(([file]) => file)] as const);
    return { catalog, parts: new Map(stand.map(([id, files]) => [id, shared(files)])), speaking: new Set(stand.flatMap(([, files]) => files)) };
  });
  return {
    name: "words",
    async transform(_source, id) {
      const wanted = catalogOf(id);
      if (wanted === undefined) return null;
      const { catalog, parts } = await read;
      const about = { fallbackLocales: config.fallbackLocales || {}, sourceLocale: "en" };
      const { messages } = await catalog.getTranslations(wanted.language, about);
      const own = Object.fromEntries(Object.entries(messages).filter(([one]) => (parts.get(one) ?? "first") === wanted.part));
      const { source, errors } = createCompiledCatalog(wanted.language, own, { namespace: "es" });
      if (errors.length > 0) throw new Error(`${wanted.language}.po: ${errors.map((one) => one.error.message).join("; ")}`);
      return { code: source, map: null, moduleType: "js" };
    },
    /** Whoever imports what speaks is of the same part, or the words are not there when it is shown. */
    async generateBundle() {
      const { speaking } = await read;
      for (const id of this.getModuleIds()) {
        const file = relative(folder, id);
        if (!speaking.has(file) || partOf(file) === "first") continue;
        const others = this.getModuleInfo(id)?.importers.filter((one) => !knows(partOf(relative(folder, one)), partOf(file))) ?? [];
        if (others.length > 0) throw new Error(`the words of ${file} come with ${partOf(file)}, and ${others.join(", ")} imports it`);
      }
    },
  };
}
