// The issuer's signatures: Data Integrity proofs by eddsa-jcs-2022, and the issuer's dated word on the status. The
// second suite, eddsa-rdfc-2022, signs a graph that only large libraries make; such a proof is read and passed over.

import {
  Malformed,
  asList,
  canonicalBytes,
  concat,
  fromBase58,
  fromBase64,
  fromMultikey,
  has,
  hasOnly,
  holds,
  isAddress,
  isObject,
  moment,
  require,
  same,
  sha256,
  utf8,
  without,
} from "./plain.js";
import { invalid, unknown, valid } from "./verdicts.js";

const JCS = "eddsa-jcs-2022";
const RDFC = "eddsa-rdfc-2022";
const PURPOSE = "assertionMethod";
const MOST_PROOFS = 8;
const CLOCKS_MAY_DIFFER_BY = 300_000;
const STATUS = "ronghe-status-v1";
const STATUS_MEMBERS = ["at", "credential", "digest", "format", "key", "signature", "status", "until"];
const STATES = ["good", "suspended", "revoked"];

class Refused extends Error {
  constructor(check) {
    super(check.detail);
    this.check = check;
  }
}

function refuse(condition, check) {
  if (condition) throw new Refused(check);
}

const didOf = (method) => method.split("#", 1)[0];

/** The issuers of a file of trusted keys, and which of their keys signed when. */
export class Issuers {
  constructor(trusted) {
    this.issuers = new Map(trusted.map((issuer) => [issuer.did, issuer]));
  }

  knows(did) {
    return this.issuers.has(did);
  }

  resolve(method) {
    const found = this.issuers.get(didOf(method))?.keys.find((key) => key.id === method);
    if (!found) return null;
    return {
      id: found.id,
      controller: didOf(found.id),
      publicKey: fromMultikey(found.public_key),
      from: found.valid_from ? moment(found.valid_from) : -Infinity,
      until: found.valid_until ? moment(found.valid_until) : Infinity,
      revoked: found.revoked_at ? moment(found.revoked_at) : Infinity,
    };
  }
}

const signsAt = (key, when) => key.from <= when && when < key.until;

function malformed(detail) {
  return new Refused(invalid("signature", "signature-is-malformed", detail));
}

function momentOf(proof, name) {
  if (!has(proof, name)) return null;
  try {
    return moment(proof[name], false);
  } catch (error) {
    throw malformed(`${name}: ${error.message}`);
  }
}

function parse(proof) {
  const demand = (condition, detail) => {
    if (!condition) throw malformed(detail);
  };
  demand(isObject(proof), "a proof is an object");
  demand(proof.type === "DataIntegrityProof", "the type of a proof is DataIntegrityProof");
  const suite = proof.cryptosuite;
  refuse(![JCS, RDFC].includes(suite), invalid("signature", "signature-suite-is-unknown", String(suite)));
  demand(isAddress(proof.verificationMethod), "verificationMethod is the address of a key");
  demand(typeof proof.proofPurpose === "string", "proofPurpose is missing");
  for (const name of ["id", "challenge", "nonce"]) {
    demand(!has(proof, name) || typeof proof[name] === "string", `${name} is a text`);
  }
  for (const name of ["domain", "previousProof"]) {
    const texts = !has(proof, name) || asList(proof[name]).every((one) => typeof one === "string");
    demand(texts, `${name} is a text or a list of texts`);
  }
  demand(!has(proof, "id") || isAddress(proof.id), "the id of a proof is an address");
  let signature;
  try {
    signature = fromBase58(proof.proofValue, 64);
  } catch (error) {
    throw malformed(`proofValue: ${error.message}`);
  }
  return { options: without(proof, "proofValue"), suite, method: proof.verificationMethod, signature, created: momentOf(proof, "created") };
}

function keyOf(proof, issuers, at) {
  const key = issuers.resolve(proof.method);
  if (key === null) {
    const known = issuers.knows(didOf(proof.method));
    const [make, code] = known ? [invalid, "issuer-key-is-unknown"] : [unknown, "issuer-is-unknown"];
    throw new Refused(make("issuer", code, proof.method));
  }
  refuse(key.revoked <= at, invalid("issuer", "issuer-key-is-revoked", key.id));
  refuse(!signsAt(key, proof.created ?? at), invalid("issuer", "issuer-key-was-not-valid", key.id));
  return key;
}

function earlier(raw, proofs) {
  if (!has(raw, "previousProof")) return [];
  return asList(raw.previousProof).map((id) => {
    const found = proofs.filter((one) => isObject(one) && one.id === id);
    const good = found.length === 1 && found[0] !== raw;
    refuse(!good, invalid("signature", "signature-is-missing", "previousProof names no other proof"));
    return found[0];
  });
}

async function checkProof(raw, document, proofs, issuers, at) {
  const proof = parse(raw);
  const expires = momentOf(raw, "expires");
  refuse(expires !== null && expires <= at, invalid("validity", "validity-has-ended", "the proof has expired"));
  const early = proof.created !== null && proof.created > at + CLOCKS_MAY_DIFFER_BY;
  refuse(early, invalid("validity", "validity-has-not-begun", "the proof is of the future"));
  refuse(raw.proofPurpose !== PURPOSE, invalid("signature", "signature-purpose-is-wrong", `it is not ${PURPOSE}`));
  const key = keyOf(proof, issuers, at);
  const unsecured = without(document, "proof");
  const before = earlier(raw, proofs);
  if (before.length) unsecured.proof = before;
  if (has(proof.options, "@context")) {
    const stated = asList(proof.options["@context"]);
    const whole = asList(document["@context"]);
    const begins = same(whole.slice(0, stated.length), stated) && (proof.suite === JCS || same(stated, whole));
    refuse(!begins, invalid("integrity", "integrity-is-broken", "the context of a proof is not that of the document"));
    unsecured["@context"] = proof.options["@context"];
  }
  if (proof.suite === RDFC) return { skipped: `${proof.suite} · ${proof.method}` };
  const hashed = concat(await sha256(canonicalBytes(proof.options)), await sha256(canonicalBytes(unsecured)));
  const good = await holds(key.publicKey, proof.signature, hashed);
  refuse(!good, invalid("signature", "signature-does-not-hold", `${proof.suite} · ${proof.method}`));
  return { check: valid("signature", "signature-holds", `${proof.suite} · ${proof.method}`) };
}

/** Return a check for each proof that this module judges, what was left out, and which proofs are missing. */
export async function checkProofs(document, { issuers, controller, at }) {
  const proofs = has(document, "proof") && document.proof !== null ? asList(document.proof) : [];
  const only = (check) => ({ checks: [check], skipped: [] });
  if (!proofs.length) return only(invalid("signature", "signature-is-missing", "there is no proof"));
  if (proofs.length > MOST_PROOFS) return only(invalid("form", "form-is-too-large", "there are too many proofs"));
  const ids = proofs.filter((one) => isObject(one) && typeof one.id === "string").map((one) => one.id);
  if (new Set(ids).size !== ids.length) return only(invalid("signature", "signature-is-malformed", "two proofs have one id"));
  if (proofs.some((one, at_) => proofs.slice(0, at_).some((other) => same(one, other)))) {
    return only(invalid("signature", "signature-is-malformed", "one proof stands twice"));
  }
  const checks = [];
  const skipped = [];
  for (const raw of proofs) {
    try {
      const came = await checkProof(raw, document, proofs, issuers, at);
      if (came.check) checks.push(came.check);
      else skipped.push(came.skipped);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      checks.push(error.check);
    }
  }
  const own = proofs.filter((one) => isObject(one) && didOf(String(one.verificationMethod)) === controller);
  if (!own.length) checks.push(invalid("issuer", "issuer-key-is-unknown", "no proof is by the issuer's keys"));
  for (const suite of [JCS, RDFC]) {
    if (!own.some((one) => one.cryptosuite === suite)) checks.push(invalid("signature", "signature-is-missing", suite));
  }
  return { checks, skipped };
}

/** Return what the issuer's statement says of a certificate: good, suspended, revoked, or unknown when it is too old. */
export async function checkStatus(stated, { id, issuer, digest }, { issuers, at }) {
  const refused = (reason, detail = "") => invalid("status", `status-${reason}`, detail);
  if (stated === null) return unknown("status", "status-is-not-stated");
  let from;
  let until;
  try {
    require(hasOnly(stated, STATUS_MEMBERS), "a statement has other members");
    from = moment(stated.at);
    until = moment(stated.until);
    require(STATES.includes(stated.status) && until >= from, "it ends before it begins, or says something else");
    require(stated.format === STATUS && typeof stated.key === "string" && typeof stated.signature === "string", "no key");
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return refused("is-malformed", error.message);
  }
  const key = issuers.resolve(stated.key);
  if (key === null && !issuers.knows(didOf(stated.key))) {
    if (didOf(stated.key) !== issuer) return refused("is-of-another", stated.key);
    return unknown("status", "status-is-by-a-stranger", stated.key);
  }
  const dated = key !== null && key.revoked > at && signsAt(key, from);
  if (!dated || !(await isSigned(stated, key))) return refused("signature-does-not-hold", stated.key);
  if (stated.credential !== id || stated.digest !== digest || key.controller !== issuer) return refused("is-of-another");
  if (stated.status !== "good") return refused(`is-${stated.status}`, stated.at);
  if (from > at + CLOCKS_MAY_DIFFER_BY) return refused("is-in-the-future", stated.at);
  if (at > until) return unknown("status", "status-is-out-of-date", stated.until);
  return valid("status", "status-is-good", `${stated.at} – ${stated.until}`);
}

async function isSigned(stated, key) {
  try {
    const signed = concat(utf8(`${STATUS}\n`), canonicalBytes(without(stated, "signature")));
    return await holds(key.publicKey, fromBase64(stated.signature, "the signature"), signed);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return false;
  }
}
