// Builds static/css/site.css: our Sass with GOV.UK Frontend, without the rules for classes that no page has.
import { mkdirSync, writeFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";
import { compile } from "sass";

// The classes that templates put together from parts, by how they begin
const PUT_TOGETHER = [/^govuk-(checkboxes|radios)/, /^govuk-tag--/, /^govuk-input--width-/, /^govuk-pagination__icon--/];

const { css } = compile("static/sass/site.scss", { loadPaths: ["node_modules"], quietDeps: true, style: "compressed" });
const [used] = await new PurgeCSS().purge({
  content: ["templates/**/*.html", "categories/**/*.py"],
  css: [{ raw: css }],
  safelist: PUT_TOGETHER,
});
mkdirSync("static/css", { recursive: true });
writeFileSync("static/css/site.css", `${used.css}\n`);
