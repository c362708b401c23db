import type { LinguiConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

const plain = formatter({ lineNumbers: false, origins: false });
/** The source's catalog alone says where a sentence stands: nobody writes in it, and each translator's stays as it is. */
const located = formatter({ lineNumbers: false });

const config: LinguiConfig = {
  locales: ["en", "fr", "de", "es", "ar"],
  sourceLocale: "en",
  fallbackLocales: { default: "en" },
  catalogs: [{ path: "src/locales/{locale}", include: ["src"] }],
  format: { ...plain, serialize: (catalog, about) => (about.locale === "en" ? located : plain).serialize(catalog, about), parse: located.parse },
};

export default config;
