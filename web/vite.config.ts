import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { catalogOf, words } from "./words.ts";

/** What the server names in the page beside the shell: the first page's files, and the words of each language and part. */
function ahead(): Plugin {
  return {
    name: "ahead",
    generateBundle(_options, bundle) {
      const found: Record<string, string[]> = {};
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        const [spoken] = chunk.moduleIds.flatMap((id) => catalogOf(id) ?? []);
        if (spoken !== undefined) found[spoken.part === "first" ? spoken.language : `${spoken.part}-${spoken.language}`] = [chunk.fileName];
        if (chunk.moduleIds.some((id) => id.endsWith("/pages/files/FilesPage.tsx"))) {
          const others = chunk.imports.filter((name) => bundle[name]?.type === "chunk" && !bundle[name].isEntry);
          found.files = [chunk.fileName, ...others, ...(chunk.viteMetadata?.importedCss ?? [])];
        }
      }
      this.emitFile({ type: "asset", fileName: "ahead.json", source: JSON.stringify(found) });
    },
  };
}

/**
 * Styles stand below the frame that the page begins with, so that this is painted before they are there;
 * and above what the components write themselves, which overrules them.
 */
function stylesBelow(): Plugin {
  return {
    name: "styles-below",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const styles = html.match(/ *<link rel="stylesheet"[^>]*>\n?/g) ?? [];
        return styles.reduce((text, one) => text.replace(one, ""), html).replace('<div id="root">', (root) => styles.join("") + root);
      },
    },
  };
}

export default defineConfig({
  plugins: [react({ babel: { plugins: ["@lingui/babel-plugin-lingui-macro"] } }), lingui(), words(), ahead(), stylesBelow()],
  build: {
    outDir: "../src/keycell/frontend",
    emptyOutDir: true,
    assetsDir: "assets/web",
    // What others wrote goes out with their licences: in the wheel, and from the server.
    license: { fileName: "assets/web/licenses.md" },
    // The policy of the page allows styles and scripts from our own addresses alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // A few files of some size: each small one costs a telephone a way there and back.
        codeSplitting: {
          groups: [
            { name: "shell", tags: ["$initial"], priority: 4 },
            // What components use as well, so that they do not ask for the page of the files.
            { name: "hooks", test: /@mantine.hooks.esm.(use-hotkeys|use-merged-ref|use-resize-observer)/, priority: 4 },
            { name: "files", test: /pages.files.FilesPage\.tsx/, priority: 3 },
            // What menus, dialogs and all other pages are made of; no first look at a folder needs it.
            { name: "components", test: /node_modules/, minShareCount: 5, priority: 2 },
            { name: "parts", test: /node_modules|src.shell.(?!CopyText)/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
