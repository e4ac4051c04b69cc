// Keeps what staff type in this browser until it is saved, warns before it is left, sends no form twice, and tells who
// else has the same record open. Without this file everything works; what is typed is then kept by nobody.
"use strict";

const ACCOUNT = document.currentScript.dataset.account;
const PREFIX = `typed:${ACCOUNT}:`;
const DAYS = 14 * 24 * 60 * 60 * 1000;
const MOST_OFFERED = 3;
const SENT_AGAIN = 5000; // milliseconds after which a form may be sent once more, as where the line broke
const BEAT = 60000;
const PREVIEWED_AFTER = 700;
const NOTE = "internal_note";

const kept = {
  // One entry for each time a form was opened and typed into: {where, at, values}
  all() {
    const found = [];
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (!key.startsWith(PREFIX)) continue;
      try {
        found.push({ token: key.slice(PREFIX.length), ...JSON.parse(localStorage.getItem(key)) });
      } catch {
        localStorage.removeItem(key);
      }
    }
    return found.sort((one, other) => other.at - one.at);
  },
  put(token, entry) {
    try {
      localStorage.setItem(PREFIX + token, JSON.stringify(entry));
      return true;
    } catch {
      return false; // full, or forbidden
    }
  },
  drop: (token) => localStorage.removeItem(PREFIX + token),
};

const isTyped = (control) =>
  control.name && !["hidden", "password", "submit", "button", "file"].includes(control.type) && !control.closest("[data-unkept]");
const isTicked = (control) => ["checkbox", "radio"].includes(control.type);

// What stands in the controls: ticks by name and value, texts by name
function stated(form) {
  const found = {};
  for (const control of form.elements) {
    if (!isTyped(control)) continue;
    if (isTicked(control)) found[`${control.name}=${control.value}`] = control.checked;
    else found[control.name] = control.value;
  }
  return found;
}

// What differs from how the server made the page
function changed(form) {
  const found = {};
  for (const control of form.elements) {
    if (!isTyped(control)) continue;
    if (isTicked(control)) {
      if (control.checked !== control.defaultChecked) found[`${control.name}=${control.value}`] = control.checked;
    } else if (control.tagName === "SELECT") {
      const first = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
      if (control.value !== first?.value) found[control.name] = control.value;
    } else if (control.value !== control.defaultValue) found[control.name] = control.value;
  }
  return found;
}

function restore(form, values) {
  for (const control of form.elements) {
    if (!isTyped(control)) continue;
    const name = isTicked(control) ? `${control.name}=${control.value}` : control.name;
    if (!(name in values)) continue;
    if (isTicked(control)) control.checked = values[name];
    else control.value = values[name];
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const clock = (at) => {
  const options = { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" };
  if (Date.now() - at > 12 * 60 * 60 * 1000) Object.assign(options, { day: "numeric", month: "long" });
  return new Intl.DateTimeFormat("en-GB", options).format(at);
};

function element(name, properties, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

// What the server has just said that it saved
for (const message of document.querySelectorAll(".messagelist li"))
  for (const name of message.classList) if (name.startsWith("saved-")) kept.drop(name.slice("saved-".length));
for (const entry of kept.all()) if (Date.now() - entry.at > DAYS) kept.drop(entry.token);

function keep(mark) {
  const form = mark.form;
  const where = new URL(form.action || location.href, location.href).pathname;
  const token = mark.value || Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
  mark.value = token;
  let isSent = false;
  let isUnsaved = "unsaved" in mark.dataset;
  let waiting = 0;
  const own = kept.all().find((entry) => entry.token === token);
  const before = own && isUnsaved ? own.values : {};

  const status = element("p", { className: "app-kept", role: "status" });
  (form.querySelector(".submit-row") ?? form).append(status);

  function note() {
    const values = { ...before, ...changed(form) };
    if (Object.keys(values).length === 0) {
      kept.drop(token);
      status.textContent = "";
      return;
    }
    const at = Date.now();
    const isKept = kept.put(token, { where, at, values });
    status.textContent = isKept ? `Kept in this browser at ${clock(at)}, not saved yet` : "";
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(note, 300);
  });
  form.addEventListener("change", note);

  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget) return; // a preview: nothing is sent to be saved
    if (isSent) return event.preventDefault();
    clearTimeout(waiting);
    note();
    isSent = true;
    setTimeout(() => (isSent = false), SENT_AGAIN);
  });
  window.addEventListener("pageshow", () => (isSent = false));
  window.addEventListener("beforeunload", (event) => {
    if (isSent || (!isUnsaved && Object.keys(changed(form)).length === 0)) return;
    clearTimeout(waiting);
    note();
    event.preventDefault();
  });
  offer(form, where, token, note);
}

// What was typed here before and never saved
function offer(form, where, token, note) {
  const now = stated(form);
  const others = kept.all().filter((entry) => entry.where === where && entry.token !== token);
  const isThere = ([name, value]) => !(name in now) || now[name] === value;
  for (const entry of others) {
    const typed = Object.entries(entry.values);
    const ofRecord = typed.filter(([name]) => name !== NOTE); // the note is saved, but no form states it again
    if ((ofRecord.length ? ofRecord : typed).every(isThere)) kept.drop(entry.token);
  }
  const left = kept.all().filter((entry) => entry.where === where && entry.token !== token).slice(0, MOST_OFFERED);
  if (left.length === 0) return;
  const box = element("div", { className: "app-note app-offer" });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "What you typed before");
  for (const entry of left) {
    const line = element("p", {}, `What you typed at ${clock(entry.at)} is not saved. `);
    const done = () => {
      kept.drop(entry.token);
      line.remove();
      if (!box.querySelector("p")) box.remove();
    };
    line.append(
      element("button", {
        type: "button",
        className: "button",
        textContent: "Restore",
        onclick() {
          restore(form, entry.values);
          done();
          note();
          form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
        },
      }),
      " ",
      element("button", { type: "button", className: "button", textContent: "Discard", onclick: done }),
    );
    box.append(line);
  }
  form.prepend(box);
}

// While somebody types, the server hears of it, at most once a minute; and at once when they leave
function tellOfOpen(place) {
  const form = place.closest("form");
  const address = place.dataset.open;
  const body = (more) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    return data;
  };
  let last = Date.now();
  let isSent = false;
  form.addEventListener("submit", (event) => (isSent ||= !event.submitter?.formTarget));
  form.addEventListener("input", async () => {
    if (Date.now() - last < BEAT) return;
    last = Date.now();
    try {
      const answer = await fetch(address, { method: "POST", body: body({}), redirect: "error" });
      if (!answer.ok) return;
      const said = (await answer.text()).trim();
      if (said !== place.innerHTML.trim()) place.innerHTML = said;
    } catch {
      // The line is broken, or the session over: saving will tell
    }
  });
  window.addEventListener("pagehide", () => isSent || navigator.sendBeacon(address, body({ left: "yes" })));
}

// The preview follows what is typed. Each time in a frame of its own, so that the way back leads past no earlier one
function follow(panel) {
  const button = panel.querySelector("[data-preview-button]");
  const form = button.form;
  let waiting = 0;
  let asked = null;
  async function show() {
    if (!panel.open) return;
    asked?.abort();
    asked = new AbortController();
    try {
      const sent = { method: "POST", body: new FormData(form), redirect: "error", signal: asked.signal };
      const answer = await fetch(button.formAction, sent);
      if (![200, 422].includes(answer.status)) return;
      const frame = panel.querySelector("iframe");
      const scrolled = frame.contentWindow?.scrollY ?? 0;
      const next = frame.cloneNode();
      next.srcdoc = await answer.text();
      next.addEventListener("load", () => next.contentWindow.scrollTo(0, scrolled));
      frame.replaceWith(next);
    } catch {
      // Something newer was typed, or the line is broken: the last preview stands
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PREVIEWED_AFTER);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    show();
  });
  panel.addEventListener("toggle", show);
  show();
}

for (const mark of document.querySelectorAll("[data-keep]")) keep(mark);
for (const place of document.querySelectorAll("[data-open]")) if (place.dataset.open) tellOfOpen(place);
for (const panel of document.querySelectorAll("[data-preview]")) follow(panel);
