// A certificate verified wholly in the browser, by the keys that are handed in: nothing is sent or fetched. The checks,
// their codes and verdicts are those of `ronghe verify`; a test holds them together.

import { checkBadge, checkCredential, issuerOf, pathRootOf, validity } from "./form.js";
import { checkLog, checkPath, checkWitnesses, leafOf, parsePath, parseProof, readKeys } from "./log.js";
import { UnpacksTooLarge, isPacked, unpack } from "./packed.js";
import {
  Malformed,
  canonical,
  canonicalBytes,
  fromBase64,
  has,
  hasOnly,
  hex,
  isObject,
  recordedMoment,
  require,
  sha256,
  textOf,
  utf8,
} from "./plain.js";
import { Issuers, checkProofs, checkStatus } from "./proof.js";
import { REQUIRED_OF_A_BUNDLE, REQUIRED_OF_A_CREDENTIAL, invalid, report, unknown, valid } from "./verdicts.js";

const FORMAT = "ronghe-bundle-v1";
const STATUS_FORMAT = "ronghe-status-v1";
const MOST_BYTES = 6_000;
const MOST_UNPACKED = 4 * MOST_BYTES;
const MOST_ANCHOR = 6_000;
const MOST_CREDENTIAL = 512 * 1024;
const BEGINS_WITH_ANCHOR = utf8('{"anchor":');
const PARTS = ["anchor", "credential", "format", "log", "path", "status"];
const EVENT = ["payload", "recorded_at", "salt", "subject", "type"];
const BOM = [0xef, 0xbb, 0xbf];

/** Bytes that are no bundle, and the code that says why. */
class NoBundle extends Error {
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/** Run `read`; what is malformed in it makes the bytes no bundle. */
async function reading(read, code = "form-is-broken") {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) throw new NoBundle(code, error.message);
    throw error;
  }
}

function strictJson(data, most) {
  // The name of an anchor sorts before those of the other parts; it comes on top of their limit.
  const limit = BEGINS_WITH_ANCHOR.every((byte, at) => data[at] === byte) ? most + MOST_ANCHOR : most;
  if (data.length > limit) throw new NoBundle("form-is-too-large", `${data.length} > ${limit}`);
  const marked = BOM.every((byte, at) => data[at] === byte);
  const text = textOf(data);
  const value = JSON.parse(text);
  if (canonical(value) !== text || marked) throw new NoBundle("form-is-not-canonical", "it differs from RFC 8785");
  return value;
}

async function unpacked(data) {
  if (data.length > MOST_BYTES + MOST_ANCHOR) throw new NoBundle("form-is-too-large", `${data.length} > ${MOST_BYTES}`);
  try {
    return await unpack(data, MOST_UNPACKED + MOST_ANCHOR + BEGINS_WITH_ANCHOR.length);
  } catch (error) {
    if (error instanceof UnpacksTooLarge) throw new NoBundle("form-is-too-large", error.message);
    throw error;
  }
}

function readEvent(value, digest) {
  require(isObject(value) && hasOnly(value, EVENT) && isObject(value.payload), `an event has ${EVENT.join(", ")}`);
  const { fields } = value.payload;
  require(isObject(fields) && !has(fields, "credential"), "the payload has fields, without the credential's digest");
  const salt = fromBase64(value.salt, "the salt");
  require(salt.length === 32, "the salt of an event has 32 bytes");
  for (const name of ["type", "subject", "recorded_at"]) require(typeof value[name] === "string", `${name} is a text`);
  const payload = { ...value.payload, fields: { ...fields, credential: digest } };
  return { ...value, salt, payload, moment: recordedMoment(value.recorded_at) };
}

async function readBundle(data) {
  const packed = isPacked(data);
  const text = packed ? await unpacked(data) : data;
  const most = packed ? MOST_UNPACKED : MOST_BYTES;
  const value = strictJson(text, most);
  require(isObject(value) && typeof value.format === "string", "this is no bundle");
  if (value.format !== FORMAT) throw new NoBundle("form-unsupported-version", value.format.slice(0, 40));
  require(Object.keys(value).every((name) => PARTS.includes(name)), "it has a part that no bundle has");
  const { credential, log } = value;
  require(isObject(credential) && isObject(log) && hasOnly(log, ["event", "proof"]), "credential or log is missing");
  for (const name of ["status", "path", "anchor"]) require(!has(value, name) || isObject(value[name]), `${name} is an object`);
  if (has(value, "anchor")) {
    const added = canonicalBytes({ anchor: value.anchor }).length - 1;
    const fits = added <= MOST_ANCHOR + BEGINS_WITH_ANCHOR.length && text.length - added <= most;
    if (!fits) throw new NoBundle("form-is-too-large", `an anchor has at most ${MOST_ANCHOR} bytes, the rest ${most}`);
  } else if (data.length > MOST_BYTES) {
    throw new NoBundle("form-is-too-large", `${data.length} > ${MOST_BYTES}`);
  }
  const digest = hex(await sha256(canonicalBytes(credential)));
  const implied = { credential: String(credential.id), digest, format: STATUS_FORMAT };
  const { status = null } = value;
  require(!status || !Object.keys(implied).some((name) => has(status, name)), "the status says what follows");
  return {
    credential,
    digest,
    event: readEvent(log.event, digest),
    proof: parseProof(log.proof),
    path: has(value, "path") ? parsePath(value.path) : null,
    status: status && { ...status, ...implied },
    anchor: value.anchor ?? null,
  };
}

/** Return the checks of a credential beside that of its status; only one, on its form, where that is broken. */
async function checksOf(document, issuers, at) {
  let window;
  let issuer;
  try {
    checkCredential(document);
    checkBadge(document);
    pathRootOf(document);
    window = validity(document);
    issuer = issuerOf(document);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { checks: [invalid("form", "form-is-broken", error.message)], skipped: [], broken: true };
  }
  const trusted = issuers.knows(issuer)
    ? valid("issuer", "issuer-is-trusted", issuer)
    : unknown("issuer", "issuer-is-unknown", issuer);
  const proofs = await checkProofs(document, { issuers, controller: issuer, at });
  const checks = [valid("form", "form-holds"), trusted, ...proofs.checks];
  if (proofs.checks.length && proofs.checks.every((one) => one.verdict === "valid")) {
    checks.push(valid("integrity", "integrity-holds"));
  }
  checks.push(checkWindow(window, document, at));
  return { checks, skipped: proofs.skipped, issuer };
}

function checkWindow({ begins, ends }, document, at) {
  if (begins !== null && at < begins) return invalid("validity", "validity-has-not-begun", document.validFrom);
  if (ends !== null && at > ends) return invalid("validity", "validity-has-ended", document.validUntil);
  return valid("validity", "validity-holds");
}

/**
 * Answer every question about the bundle in `data` at the moment `at` (milliseconds since 1970), by the keys in
 * `trust` alone. Beside the report it returns the credential, and the proofs that were not checked here.
 */
export async function verifyBundle(data, trust, at) {
  let bundle;
  try {
    bundle = await reading(() => readBundle(data));
  } catch (error) {
    if (!(error instanceof NoBundle)) throw error;
    return { ...report([invalid("form", error.code, error.message)]), skipped: [], credential: null };
  }
  const { credential, digest, event, proof } = bundle;
  const issuers = new Issuers(trust.issuers);
  const found = await checksOf(credential, issuers, at);
  if (found.broken) return { ...report(found.checks), skipped: [], credential: null };
  const keys = await readKeys(trust);
  const mark = { id: String(credential.id), issuer: found.issuer, digest };
  const anchored = bundle.anchor === null ? "anchor-is-not-there" : "anchor-is-not-read-here";
  const checks = [
    ...found.checks,
    await checkLog(proof, await leafOf(event), event.moment, keys, at),
    await checkWitnesses(proof, keys, at),
    await checkStatus(bundle.status, mark, { issuers, at }),
    await checkPath(bundle.path, pathRootOf(credential)),
    unknown("anchor", anchored),
  ];
  const shown = bundle.path?.events.map((one) => one.content) ?? [];
  return { ...report(checks, REQUIRED_OF_A_BUNDLE), skipped: found.skipped, credential, events: shown };
}

const TEXTS = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Return how many members JSON states: a text before a colon is the name of one. */
const membersStated = (text) => [...text.matchAll(TEXTS)].filter(([, colon]) => colon).length;

function membersOf(value) {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((count, one) => count + membersOf(one), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** Answer what can be answered of a credential without its log and without the lists of what was revoked. */
export async function verifyCredential(data, trust, at) {
  let document;
  try {
    require(data.length <= MOST_CREDENTIAL, "the file is too large");
    const text = textOf(data);
    document = JSON.parse(text);
    // Who reads a member twice, or half a sign, may read another certificate than was signed.
    canonical(document);
    require(membersStated(text) === membersOf(document), "a member stands twice in one object");
  } catch (error) {
    if (!(error instanceof Malformed) && !(error instanceof SyntaxError)) throw error;
    return { ...report([invalid("form", "form-is-broken", error.message)]), skipped: [], credential: null };
  }
  const found = await checksOf(document, new Issuers(trust.issuers), at);
  if (found.broken) return { ...report(found.checks), skipped: [], credential: null };
  const checks = [...found.checks, unknown("status", "status-list-is-unavailable")];
  return { ...report(checks, REQUIRED_OF_A_CREDENTIAL), skipped: found.skipped, credential: document };
}

/** Answer about a file, whichever of the two it is. */
export async function verifyFile(data, trust, at) {
  let value = null;
  try {
    value = JSON.parse(textOf(data));
  } catch {
    return verifyBundle(data, trust, at);
  }
  const credential = isObject(value) && has(value, "@context") && !has(value, "format");
  return credential ? verifyCredential(data, trust, at) : verifyBundle(data, trust, at);
}
