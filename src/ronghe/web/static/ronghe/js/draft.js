// Keeps what a person types into `form[data-draft]` on this device until the server has taken it, and puts it back after
// a lost connection, a closed tab or an expired session. Passwords, files and hidden fields are never kept; signing out
// forgets everything.

const { body } = document;
const PREFIX = "ronghe-draft:";
const SENT = "ronghe-draft-sent";
const MONTH = 30 * 24 * 3600 * 1000;

const keyOf = (form) => `${PREFIX}${body.dataset.person}:${form.dataset.draft}`;
const fieldsOf = (form) =>
  [...form.elements].filter(
    (field) => field.name && !field.disabled && field.matches("textarea, select, input:not([type=password], [type=file], [type=hidden], [type=submit])"),
  );

const valueOf = (field) => {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked;
  return field.matches("select[multiple]") ? [...field.selectedOptions].map((option) => option.value) : field.value;
};

function put(field, value) {
  if (field.matches("[type=checkbox], [type=radio]")) field.checked = value;
  else if (field.matches("select[multiple]")) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
}

// Boxes of one group share a name, so the value is part of what tells them apart.
const nameOf = (field) => (field.matches("[type=checkbox], [type=radio]") ? `${field.name}=${field.value}` : field.name);

function snapshot(form) {
  return Object.fromEntries(fieldsOf(form).map((field) => [nameOf(field), valueOf(field)]));
}

function watch(form) {
  const key = keyOf(form);
  const original = JSON.stringify(snapshot(form));
  let timer = 0;

  const save = () => {
    const now = JSON.stringify(snapshot(form));
    try {
      if (now === original) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ saved: Date.now(), fields: JSON.parse(now) }));
    } catch {
      // A full or forbidden storage only means that there is no safety net.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 300);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    save();
    try {
      sessionStorage.setItem(SENT, key);
    } catch {
      return;
    }
  });

  // A form that came back with errors already holds what was sent.
  if (form.querySelector(".form-errors, .field__errors")) return;
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!kept) return;
  for (const field of fieldsOf(form)) {
    const value = kept.fields[nameOf(field)];
    if (value !== undefined) put(field, value);
  }
  const run = () => {
    localStorage.removeItem(key);
    const before = JSON.parse(original);
    for (const field of fieldsOf(form)) put(field, before[nameOf(field)]);
  };
  const action = { label: body.dataset.textDiscard, run };
  document.dispatchEvent(new CustomEvent("ronghe:say", { detail: { text: body.dataset.textDraft, action } }));
}

function tidy() {
  // The form that was sent is gone from the page or empty of errors: the server has taken it.
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (sent) {
    const again = [...document.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === sent);
    const refused = document.querySelector("main[data-refused]") || again?.querySelector(".form-errors, .field__errors");
    const signIn = document.querySelector("input[type=password]");
    if (!refused && !signIn) localStorage.removeItem(sent);
  }
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && Date.now() - (JSON.parse(localStorage.getItem(key))?.saved ?? 0) > MONTH) localStorage.removeItem(key);
  }
}

try {
  tidy();
  for (const form of document.querySelectorAll("form[data-draft]")) watch(form);
  document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  });
} catch (error) {
  if (!(error instanceof DOMException)) throw error;
}
