// Ours, and the only script the screens bring. It keeps what is typed in a review form from the first key on:
// at once in this browser, a moment later in the project's store. Texts are only ever read from fields and written
// to the browser's storage; nothing of them is made part of the page.
const PREFIX = "tamiz.draft/";
const QUIET = 700; // milliseconds without a key before the store is told
const LONGEST_WAIT = 3000;
const FIELDS = ["question", "answer", "label", "lang", "reason"];
const READING = 250; // milliseconds before which nobody can have seen a pair, as curation.review.pace has it
const LETTERS = ["KeyX", "KeyK", "KeyG", "KeyZ"]; // with Alt, the keys of the buttons in pair_form.py
let lastCard = null;

export default function ({ data, setTriggerValue }) {
  if (data.forget) {
    forgetAll();
    return;
  }
  const mine = `${PREFIX}${data.project}/${data.person}/`;
  const here = mine + data.pair;
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  let last = data.shown; // the fields as they were last seen; before that, as the server filled them
  let timer = 0;
  let waiting = 0; // since when the store has not been told
  let entry = null; // what it has not been told

  const tell = () => {
    clearTimeout(timer);
    waiting = 0;
    if (entry) setTriggerValue("typed", entry);
    entry = null;
  };
  const look = () => {
    const now = collect(data);
    if (now === null || same(last, now)) return;
    last = now;
    entry = { ...now, pair: data.pair, version: data.version, at: Date.now() };
    write(here, entry);
    waiting ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(tell, Math.max(0, Math.min(QUIET, waiting + LONGEST_WAIT - Date.now())));
  };
  for (const kind of ["input", "change"]) document.addEventListener(kind, look, options);
  for (const kind of ["click", "focusout"]) document.addEventListener(kind, () => setTimeout(look, 150), options);
  document.addEventListener("keyup", (event) => event.key === "Enter" && setTimeout(look, 150), options);
  document.addEventListener("visibilitychange", tell, options);
  window.addEventListener("pagehide", tell, options);
  document.addEventListener("keydown", helpOnQuestionMark, options);
  if (data.hurried) watchForms();

  dropUpTo(here, data.saved);
  whenDrawn(data, over.signal, () => {
    const left = entries(mine).slice(-20);
    for (const one of left) one.shown = one.pair === data.pair && same(one, collect(data)); // the form has kept it
    if (left.length) setTriggerValue("found", left);
    else if (isTyping(data)) look(); // typed while the page was still being drawn
    if (lastCard !== null && lastCard !== data.card) focusCard(over.signal);
    lastCard = data.card;
  });
  return () => {
    clearTimeout(timer);
    over.abort();
  };
}

const within = (name) => document.querySelector(`.st-key-${CSS.escape(name)}`);

function collect(data) {
  const values = { chosen: [] };
  for (const [name, key] of Object.entries(data.texts)) {
    const field = within(key)?.querySelector("textarea, input");
    if (!field) return null;
    values[name] = field.value;
  }
  for (const [id, key] of data.ticks) {
    if (within(key)?.querySelector("input[type=checkbox]")?.checked) values.chosen.push(id);
  }
  for (const [name, key] of Object.entries(data.choices)) {
    values[name] = within(key)?.querySelector("input")?.value ?? "";
  }
  return values;
}

const same = (entry, now) =>
  now !== null && FIELDS.every((name) => (entry[name] ?? "") === (now[name] ?? "")) &&
  String(entry.chosen) === String(now.chosen);

const isTyping = (data) =>
  Object.values(data.texts).some((key) => within(key)?.contains(document.activeElement));

function whenDrawn(data, signal, work, tries = 300) {
  if (signal.aborted || tries === 0) return;
  if (collect(data) !== null) work();
  else requestAnimationFrame(() => whenDrawn(data, signal, work, tries - 1));
}

// Where the form that had the focus is gone, the next pair is where one goes on, for a key and for a screen reader.
function focusCard(signal, tries = 30) {
  const now = document.activeElement;
  if (signal.aborted || tries === 0) return;
  if (now === null || now === document.body) document.querySelector(".tz-card-start")?.focus({ preventScroll: true });
  else setTimeout(() => focusCard(signal, tries - 1), 100); // the last form goes when all of the next is drawn
}

// The server knows when it sent a pair, not when it was painted: a key that was held down or pressed twice before that
// was meant for the pair before. One watch for the page: it goes on where this script's own element is drawn anew.
function watchForms() {
  if (window.tamizForms) return;
  const seen = (window.tamizForms = { names: formNames(), since: -READING });
  const look = () => {
    const names = formNames();
    if (names.some((name) => !seen.names.includes(name))) seen.since = performance.now();
    seen.names = names;
  };
  const all = { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] };
  new MutationObserver(look).observe(document.body, all);
  document.addEventListener("keydown", holdBack, true);
}

const formNames = () =>
  [...document.querySelectorAll('[class*="st-key-question-"]')].map((one) => /st-key-question-\S+/.exec(one.className)[0]);

function holdBack(event) {
  const decides = event.key === "Enter" ? event.ctrlKey || event.metaKey : event.altKey && LETTERS.includes(event.code);
  const unseen = event.repeat || performance.now() - window.tamizForms.since < READING;
  if (!decides || !unseen || window.tamizForms.names.length === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function helpOnQuestionMark(event) {
  const typing = event.target?.closest?.("input, textarea, select, [contenteditable=true]");
  if (event.key !== "?" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const button = document.querySelector(".st-key-keys button");
  if (button) {
    event.preventDefault();
    button.click();
  }
}

// A browser may refuse its storage (private windows, a full disk): the store is told all the same.
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, entry) {
  try {
    localStorage.setItem(key, JSON.stringify(entry));
  } catch {
    return;
  }
}

function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function entries(prefix) {
  return names().filter((name) => name.startsWith(prefix)).map(read).filter((entry) => entry?.pair);
}

// What the store has is not kept in the browser as well.
function dropUpTo(here, saved) {
  for (const [pair, at] of Object.entries(saved)) {
    const key = here.slice(0, here.lastIndexOf("/") + 1) + pair;
    const entry = read(key);
    if (entry && entry.at <= at) localStorage.removeItem(key);
  }
}

function forgetAll() {
  for (const name of names()) localStorage.removeItem(name);
}
