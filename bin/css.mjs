// Builds the stylesheets: our Sass with GOV.UK Frontend, without the rules for classes that no page has. Beside them it
// puts the script that staff's forms use: HTML as Markdown.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";
import { compile } from "sass";

// The classes that templates put together from parts, by how they begin
const PUT_TOGETHER = [
  /^govuk-(checkboxes|radios)/,
  /^govuk-heading-[sm]$/,
  /^govuk-input--width-/,
  /^govuk-pagination__icon--/,
  /^govuk-tag--/,
];
// Those of them that the first view has
const PUT_TOGETHER_FIRST = [/^govuk-checkboxes/, /^govuk-heading-[sm]$/, /^govuk-tag--/];
const FIRST_VIEW = ["categories/guidance.html", "categories/_short_forms.html", "400.html", "failed.html"];
const WITH_CLASSES = "categories/**/*.py";

const purge = async (css, options) => (await new PurgeCSS().purge({ css: [{ raw: css }], ...options }))[0];

// The templates of tags, which any template may have
const TAGS = readdirSync("categories/templatetags")
  .filter((name) => name.endsWith(".py"))
  .flatMap((name) => [...readFileSync(`categories/templatetags/${name}`, "utf-8").matchAll(/inclusion_tag\("([^"]+)"/g)])
  .map(([, template]) => template);

// A template with all that it extends and includes
function madeOf(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(`templates/${name}`, "utf-8");
  for (const [, part] of text.matchAll(/{% (?:extends|include) "([^"]+)"/g)) madeOf(part, found);
  return found;
}

async function built(name) {
  const { css } = compile(`static/sass/${name}.scss`, { loadPaths: ["node_modules"], quietDeps: true, style: "compressed" });
  const content = ["templates/**/*.html", WITH_CLASSES];
  // Of variables, those that no rule of the same stylesheet uses
  return (await purge(css, { content, safelist: PUT_TOGETHER, variables: true })).css;
}

mkdirSync("static/css", { recursive: true });
writeFileSync("static/css/glance.css", `${await built("glance")}\n`);

// The first view of the guidance fetches what it needs; every other page has the rest too, from the same source
const first = [...FIRST_VIEW, ...TAGS].flatMap((name) => [...madeOf(name)]).map((name) => `templates/${name}`);
const content = [...first, WITH_CLASSES];
const { css, rejectedCss } = await purge(await built("site"), { content, safelist: PUT_TOGETHER_FIRST, rejectedCss: true });
writeFileSync("static/css/site.css", `${css}\n`);
writeFileSync("static/css/further.css", `${rejectedCss}\n`);

mkdirSync("static/js", { recursive: true });
copyFileSync("node_modules/turndown/dist/turndown.js", "static/js/turndown.js");
