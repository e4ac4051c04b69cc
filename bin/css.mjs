// Builds the stylesheets: our Sass with GOV.UK Frontend, without the rules for classes that no page has. Beside them it
// puts the script that staff's forms use: HTML as Markdown.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";
import { compile } from "sass";

const STYLESHEETS = ["site", "glance"];
// The classes that templates put together from parts, by how they begin
const PUT_TOGETHER = [
  /^govuk-(checkboxes|radios)/,
  /^govuk-heading-[sm]$/,
  /^govuk-input--width-/,
  /^govuk-pagination__icon--/,
  /^govuk-tag--/,
];

mkdirSync("static/css", { recursive: true });
for (const name of STYLESHEETS) {
  const { css } = compile(`static/sass/${name}.scss`, {
    loadPaths: ["node_modules"],
    quietDeps: true,
    style: "compressed",
  });
  const [used] = await new PurgeCSS().purge({
    content: ["templates/**/*.html", "categories/**/*.py"],
    css: [{ raw: css }],
    safelist: PUT_TOGETHER,
    variables: true, // those that no rule of the same stylesheet uses
  });
  writeFileSync(`static/css/${name}.css`, `${used.css}\n`);
}

mkdirSync("static/js", { recursive: true });
copyFileSync("node_modules/turndown/dist/turndown.js", "static/js/turndown.js");
