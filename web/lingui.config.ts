import type { LinguiConfig } from "@lingui/conf";

const config: LinguiConfig = {
  locales: ["en", "fr", "de", "es", "ar"],
  sourceLocale: "en",
  fallbackLocales: { default: "en" },
  catalogs: [{ path: "src/locales/{locale}", include: ["src"] }],
  format: "po",
  formatOptions: { lineNumbers: false, origins: false },
};

export default config;
