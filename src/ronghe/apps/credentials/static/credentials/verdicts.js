// What a verification says: each check valid, invalid or unknown with a stable code, and what they come to together.

const NAMES = ["form", "issuer", "signature", "integrity", "log", "witnesses", "status", "validity", "path", "anchor"];
const OF_A_CREDENTIAL = ["form", "issuer", "signature", "integrity", "status", "validity"];

export const REQUIRED_OF_A_CREDENTIAL = new Set(OF_A_CREDENTIAL);
export const REQUIRED_OF_A_BUNDLE = new Set([...OF_A_CREDENTIAL, "log", "witnesses"]);

export const valid = (name, code, detail = "") => ({ check: name, verdict: "valid", code, detail });
export const invalid = (name, code, detail = "") => ({ check: name, verdict: "invalid", code, detail });
export const unknown = (name, code, detail = "") => ({ check: name, verdict: "unknown", code, detail });

function verdictOn(checks, name) {
  const found = new Set(checks.filter((one) => one.check === name).map((one) => one.verdict));
  if (found.has("invalid")) return "invalid";
  return found.size === 1 && found.has("valid") ? "valid" : "unknown";
}

/** Return all answers in the order in which they are told, and the verdict: unknown is never taken for valid. */
export function report(checks, required = REQUIRED_OF_A_BUNDLE) {
  const ordered = checks.toSorted((one, other) => NAMES.indexOf(one.check) - NAMES.indexOf(other.check));
  let verdict = "unknown";
  if (ordered.some((one) => one.verdict === "invalid")) verdict = "invalid";
  else if ([...required].every((name) => verdictOn(ordered, name) === "valid")) verdict = "valid";
  return { verdict, checks: ordered };
}
