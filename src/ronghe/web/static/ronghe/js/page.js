// Small comforts of every page: toasts that leave, appearance without a reload, copy buttons, menus that close.
// Nothing here is needed to do one's work.

const root = document.documentElement;
const { body } = document;
root.classList.add("has-js");

const LINGER = 6000;

function watchToasts(container) {
  for (const toast of container.querySelectorAll(".toast:not([data-watched])")) {
    toast.dataset.watched = "";
    if (!toast.matches(".toast--error, .toast--warning") && !container.matches(".toasts--shown")) {
      setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), LINGER);
    }
  }
}

function say({ text, tone = "info", action = null }) {
  const toast = document.createElement("div");
  toast.className = `toast toast--${tone}`;
  toast.append(document.createElement("span"), document.createElement("span"));
  toast.lastChild.textContent = text;
  const end = document.createElement("button");
  end.type = "button";
  end.className = action ? "button button--small" : "toast__close";
  end.textContent = action ? action.label : "×";
  end.setAttribute("aria-label", action ? action.label : body.dataset.textClose);
  end.addEventListener("click", () => {
    action?.run();
    toast.remove();
  });
  toast.append(end);
  const container = document.getElementById("toasts");
  container?.append(toast);
  if (container) watchToasts(container);
}

for (const container of document.querySelectorAll(".toasts")) watchToasts(container);
document.addEventListener("ronghe:say", (event) => say(event.detail));

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;

  target.closest("[data-dismiss]")?.closest(".toast")?.remove();

  const copy = target.closest("[data-copy]");
  if (copy) {
    const text = copy.closest(".code")?.querySelector("pre")?.textContent ?? "";
    navigator.clipboard?.writeText(text).then(() => say({ text: body.dataset.textCopied, tone: "success" }));
  }

  for (const open of document.querySelectorAll("details.definition[open]")) {
    if (!open.contains(target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog:modal")) return;
  for (const open of document.querySelectorAll("details.definition[open], .account__details[open]")) {
    const held = open.contains(document.activeElement);
    open.open = false;
    if (held) open.querySelector("summary")?.focus();
  }
});

// The choice is shown at once and kept by the server in the background.
for (const form of document.querySelectorAll("form[data-theme-choice]")) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    if (chosen === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    for (const button of document.querySelectorAll("form[data-theme-choice] button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    const data = new FormData(form);
    data.set("theme", chosen);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => form.submit());
  });
}

// htmx: the region that is being replaced fades; an answer that never came is said, and what was typed stays.
body.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.detail.elt.dataset?.loads;
  if (region) document.querySelector(region)?.classList.add("is-loading");
});
body.addEventListener("htmx:afterRequest", (event) => {
  const region = event.detail.elt.dataset?.loads;
  if (region) document.querySelector(region)?.classList.remove("is-loading");
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  body.addEventListener(failure, (event) => {
    if (!("polls" in (event.detail.elt.dataset ?? {}))) say({ text: body.dataset.textOffline, tone: "error" });
  });
}
