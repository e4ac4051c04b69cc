// A bar of buttons over each Markdown field, and what is pasted from Word or a web page as clean Markdown.
// Without this file the fields take Markdown as it is typed.
"use strict";

// What the guidance takes: paragraphs, lists, links and emphasis (content/markdown.py)
const GONE = "style, script, meta, link, title, xml, img, svg, button, input, select, textarea, noscript, template";
const FORMATTED = /<(?:p|ul|ol|li|a|b|strong|em|i|h[1-6]|table|br)[\s>]/i;

function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  // Old, but the one way that the browser's own undo takes back
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(field, before, after, example) {
  const { selectionStart: from, selectionEnd: to } = field;
  const chosen = field.value.slice(from, to) || example;
  insert(field, before + chosen + after);
  field.setSelectionRange(from + before.length, from + before.length + chosen.length);
}

function list(field, mark) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.value.indexOf("\n", field.selectionEnd);
  const to = end === -1 ? field.value.length : end;
  const lines = field.value.slice(from, to).split("\n").map((line, place) => mark(place) + line);
  const gap = from > 0 && !field.value.slice(0, from).endsWith("\n\n") ? "\n" : "";
  insert(field, gap + lines.join("\n"), from, to);
}

const BUTTONS = [
  ["Bold", (field) => wrap(field, "**", "**", "bold words")],
  ["Italic", (field) => wrap(field, "*", "*", "words")],
  ["Link", (field) => wrap(field, "[", "](https://)", "words of the link")],
  ["Bullets", (field) => list(field, () => "- ")],
  ["Numbers", (field) => list(field, (place) => `${place + 1}. `)],
];

function bar(field) {
  const name = field.labels[0]?.textContent.replace(/:\s*$/, "").trim() ?? field.name;
  const made = document.createElement("div");
  made.className = "app-bar";
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Format ${name}`);
  for (const [label, act] of BUTTONS) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "app-bar__button", textContent: label, onclick: () => act(field) });
    made.append(button);
  }
  const status = document.createElement("span");
  status.className = "app-bar__status";
  status.setAttribute("role", "status");
  made.append(status);
  const both = document.createElement("div");
  both.className = "app-writing";
  field.replaceWith(both);
  both.append(made, field);
  return status;
}

// Word's lists are paragraphs with a mark in front
function listsOfWord(page) {
  for (const paragraph of page.querySelectorAll("p[class*=MsoList]")) {
    const mark = paragraph.querySelector("[style*='mso-list:Ignore'], [style*='mso-list: Ignore']");
    const kind = /^\s*\(?[0-9a-z]{1,3}[.)]/i.test(mark?.textContent ?? "") ? "ol" : "ul";
    mark?.remove();
    const item = page.createElement("li");
    item.append(...paragraph.childNodes);
    const before = paragraph.previousElementSibling;
    if (before?.dataset.ofWord === kind) {
      before.append(item);
      paragraph.remove();
      continue;
    }
    const made = page.createElement(kind);
    made.dataset.ofWord = kind;
    made.append(item);
    paragraph.replaceWith(made);
  }
}

function markdownOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const one of page.querySelectorAll(GONE)) one.remove();
  listsOfWord(page);
  const service = new TurndownService({ bulletListMarker: "-", emDelimiter: "*", strongDelimiter: "**", br: "" });
  const plain = (name, filter) => service.addRule(name, { filter, replacement: (words) => words });
  plain("code", ["code", "pre", "kbd", "samp"]);
  service.addRule("paragraphs", {
    filter: ["h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr"],
    replacement: (words) => (words.trim() ? `\n\n${words.trim()}\n\n` : ""),
  });
  service.addRule("cells", { filter: ["td", "th"], replacement: (words) => `${words.trim()} ` });
  service.addRule("rules", { filter: "hr", replacement: () => "\n\n" });
  service.addRule("items", {
    filter: "li",
    replacement(words, item) {
      const ordered = item.parentNode.nodeName === "OL";
      const place = Array.prototype.indexOf.call(item.parentNode.children, item) + 1;
      const mark = ordered ? `${place}. ` : "- ";
      return `${mark}${words.trim().replace(/\n+/g, `\n${" ".repeat(mark.length)}`)}\n`;
    },
  });
  service.addRule("links", {
    filter: "a",
    replacement(words, link) {
      const address = (link.getAttribute("href") ?? "").replace(location.origin, "");
      const text = words.trim();
      return text && /^(?:https?:|mailto:|\/(?!\/))/i.test(address) ? `[${text}](${address})` : words;
    },
  });
  const text = service.turndown(page.body).replace(/\u00a0/g, " ");
  return text.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

for (const field of document.querySelectorAll("textarea[data-markdown]")) {
  const status = bar(field);
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    if (!FORMATTED.test(html) || typeof TurndownService === "undefined") return;
    const text = markdownOf(html);
    if (!text) return;
    event.preventDefault();
    insert(field, text);
    status.textContent = "Pasted as Markdown";
  });
}
