// The public verifier's page: takes a dropped file, a scanned or typed code, and shows what `verify.js` answers. Without
// this script the form is sent and the platform answers.

import { carried, carrier } from "./carriers.js";
import { canVerify } from "./plain.js";
import { verifyFile } from "./verify.js";

const MOST_BYTES = 4 * 1024 * 1024;
const STATEMENT = '{"format":"ronghe-credit-statement-';
const SCAN_EVERY = 200;
const WORKER_LEVELS = "新八级工 / Eight-level worker";
const EQF = "European Qualifications Framework";

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("verify-data").textContent);
const form = byId("verify-form");
const file = form.querySelector("input[type=file]");
const code = form.querySelector("input[name=code]");
const answer = byId("verify-answer");
const problem = byId("verify-problem");
const local = byId("verify-local");
const parts = byId("verify-templates").content;
const [own, foreign] = data.chinese ? ["zh", "en"] : ["en", "zh"];

const part = (name) => parts.querySelector(`[data-part="${name}"]`).cloneNode(true);
const list = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const text = (value) => (typeof value === "string" ? value : "");

function say(message) {
  problem.textContent = message;
  problem.hidden = !message;
}

const masked = (name) => (name ? `${[...name][0]}**` : "");

/** What a credential says, for people. */
function told(credential, events) {
  const subject = list(credential.credentialSubject)[0] ?? {};
  const { achievement = {} } = subject;
  const alignments = list(achievement.alignment);
  const levelOf = (framework) => alignments.find((one) => one.targetFramework === framework)?.targetCode;
  const eqf = levelOf(EQF);
  const skills = alignments.filter((one) => ![WORKER_LEVELS, EQF].includes(one.targetFramework));
  return {
    achievement: [text(achievement.name) || text(credential.name)],
    issuer: [text(credential.issuer.name) || text(credential.issuer.id ?? credential.issuer)],
    holder: [masked(text(subject.name))],
    worker_level: [data.levels[levelOf(WORKER_LEVELS)] ?? ""],
    eqf_level: [eqf ? `EQF ${eqf}` : ""],
    skills: skills.map((one) => text(one.targetName)),
    valid_from: [text(credential.validFrom).slice(0, 10)],
    valid_until: [text(credential.validUntil).slice(0, 10)],
    events: events.map((one) => [text(one.on), text(one[own])].filter(Boolean).join(" ")),
  };
}

function facts(report) {
  const shown = part("facts");
  for (const [name, values] of Object.entries(told(report.credential, report.events ?? []))) {
    const row = shown.querySelector(`[data-fact="${name}"]`);
    const said = values.filter(Boolean);
    if (!said.length) row.remove();
    for (const value of said) row.lastElementChild.append(Object.assign(document.createElement("div"), { textContent: value }));
  }
  return shown;
}

function line(check) {
  const row = part("line");
  const state = data.expected.includes(check.code) ? "expected" : check.verdict;
  row.firstElementChild.textContent = data.names[check.check];
  row.children[1].append(...parts.querySelector(`[data-state="${state}"]`).cloneNode(true).childNodes);
  row.querySelector("[data-slot=words]").textContent = `${data.words[check.code][own]} `;
  row.querySelector("[data-slot=other]").textContent = data.words[check.code][foreign];
  return row;
}

function show(report) {
  const head = part(report.verdict);
  const reason =
    report.checks.find((one) => one.verdict === "invalid") ??
    report.checks.find((one) => report.verdict === "unknown" && one.verdict === "unknown");
  const slot = head.querySelector("[data-slot=reason]");
  if (reason) slot.textContent = data.words[reason.code][own];
  else slot.remove();
  const checks = part("checks");
  checks.querySelector("tbody").append(...report.checks.map(line));
  checks.querySelector("[data-slot=skipped]").textContent = report.skipped.map((one) => data.messages.skipped.replace("%s", one)).join(" ");
  const ask = part("ask");
  ask.querySelector("button").addEventListener("click", () => form.submit());
  answer.replaceChildren(head, ...(report.credential ? [facts(report)] : []), checks, ask);
  answer.dataset.verdict = report.verdict;
  answer.hidden = false;
  byId("verify-said").textContent = [data.headlines[report.verdict], reason && data.words[reason.code][own]].join(" ");
  answer.scrollIntoView({ block: "start" });
}

const starts = (bytes, signs) => [...signs].every((sign, at) => bytes[at] === sign.charCodeAt(0));

async function codeIn(picture) {
  if (!("BarcodeDetector" in window)) return say(data.messages.picture);
  const bitmap = await createImageBitmap(picture).catch(() => null);
  const [found] = bitmap ? await new BarcodeDetector({ formats: ["qr_code"] }).detect(bitmap) : [];
  return found ? follow(found.rawValue) : say(data.messages.nothing_in_picture);
}

// The platform reads the code out of whatever address stands in the QR code, and opens no other address.
function follow(scanned) {
  file.value = "";
  code.value = scanned;
  form.submit();
}

async function check() {
  const [chosen] = file.files;
  say("");
  if (!chosen) return;
  if (chosen.size > MOST_BYTES) {
    say(data.messages.too_large);
    return;
  }
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  const kind = carrier(bytes);
  const inside = kind ? await carried(bytes) : bytes;
  if (!inside && kind === "pdf") {
    if (local.checked) say(data.messages.no_attachment);
  } else if (!inside || (!kind && chosen.type.startsWith("image/"))) {
    await codeIn(chosen);
  } else if (local.checked) {
    if (starts(inside, STATEMENT)) say(data.messages.statement);
    else show(await verifyFile(inside, data.trust, Date.now()));
  }
}

async function scan() {
  const dialog = byId("verify-scan");
  const video = byId("verify-video");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    say(data.messages.no_camera);
    return;
  }
  video.srcObject = stream;
  dialog.showModal();
  await video.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const looking = setInterval(async () => {
    const [found] = await detector.detect(video).catch(() => []);
    if (!found) return;
    dialog.close();
    follow(found.rawValue);
  }, SCAN_EVERY);
  dialog.addEventListener(
    "close",
    () => {
      clearInterval(looking);
      for (const track of stream.getTracks()) track.stop();
    },
    { once: true },
  );
}

if (await canVerify()) {
  byId("verify-here").hidden = false;
} else {
  local.checked = false;
  byId("verify-not-here").hidden = false;
}
if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
  const camera = byId("verify-camera");
  camera.hidden = false;
  camera.querySelector("button").addEventListener("click", scan);
}
file.addEventListener("change", check);
local.addEventListener("change", () => file.files.length && check());
form.addEventListener("submit", (event) => {
  if (!file.files.length || !local.checked) return;
  event.preventDefault();
  check();
});
if (file.files.length) check();
