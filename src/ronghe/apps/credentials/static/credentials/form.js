// Whether a document has the form of a W3C verifiable credential (2.0) and of an Open Badge 3.0. Form only.

import { asList, fromBase64Url, has, isAddress, isObject, moment, require } from "./plain.js";

const VC = "https://www.w3.org/ns/credentials/v2";
const BADGE_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context";
const BADGE_TYPES = ["AchievementCredential", "OpenBadgeCredential"];
const LANGUAGE_KEYS = ["@value", "@language", "@direction"];
const MOST_ENTRIES = 1000;
const GENRE = "ronghe-path-v1";
const ROOT = /^ni:\/\/\/sha-256;([A-Za-z0-9_-]{43})\?size=([1-9][0-9]{0,6})$/;
const MOST_EVENTS = 1 << 20;

const isText = (value) => typeof value === "string";
export const typesOf = (value) => asList(has(value, "type") ? value.type : []);

function context(document) {
  const stated = document["@context"];
  require(Array.isArray(stated) && stated[0] === VC, `@context is a list that starts with ${VC}`);
  require(stated.slice(1).every(isAddress), "@context is made of addresses");
}

function identifier(value, where) {
  if (has(value, "id")) require(isAddress(value.id), `the id of ${where} is one address`);
}

function types(value, where, required = null) {
  const found = typesOf(value);
  require(found.length && found.every((kind) => isText(kind) && kind), `${where} has a type`);
  require(new Set(found).size === found.length, `${where} has one type twice`);
  require(required === null || found.includes(required), `${where} has the type ${required}`);
}

function isWord(entry) {
  if (!isObject(entry)) return isText(entry);
  const keys = Object.keys(entry);
  return (
    isText(entry["@value"]) &&
    keys.every((key) => LANGUAGE_KEYS.includes(key) && isText(entry[key])) &&
    ["ltr", "rtl"].includes(entry["@direction"] ?? "ltr")
  );
}

function words(value, where) {
  for (const name of ["name", "description"]) {
    if (!has(value, name)) continue;
    const entries = asList(value[name]);
    require(entries.length && entries.every(isWord), `${name} of ${where} is a text, or @value with @language`);
  }
}

function objects(document, name, check = () => {}) {
  if (!has(document, name)) return [];
  const entries = asList(document[name]);
  require(entries.length && entries.length <= MOST_ENTRIES, `${name} has none or too many entries`);
  for (const entry of entries) {
    require(isObject(entry) && Object.keys(entry).length, `${name} is made of objects`);
    identifier(entry, name);
    check(entry, name);
  }
  return entries;
}

function schema(entry, name) {
  types(entry, name);
  require(has(entry, "id"), `${name} has an address as id`);
}

function related(entry, name) {
  require(has(entry, "id"), `${name} has an address as id`);
  const digests = ["digestSRI", "digestMultibase"].filter((key) => has(entry, key)).map((key) => entry[key]);
  require(digests.length && digests.every((one) => isText(one) && one), `${name} has a digest`);
  require(isText(entry.mediaType ?? ""), `mediaType of ${name} is a text`);
  require(entry.mediaType !== null, `mediaType of ${name} is a text`);
}

function subject(entry, name) {
  words(entry, name);
  if (has(entry, "type")) types(entry, name);
}

/** Return from when and until when a credential is valid, null for an end that is open. */
export function validity(document) {
  const begins = has(document, "validFrom") ? moment(document.validFrom) : null;
  const ends = has(document, "validUntil") ? moment(document.validUntil) : null;
  require(begins === null || ends === null || begins <= ends, "validUntil lies before validFrom");
  return { begins, ends };
}

/** Return the address of an issuer, which is one itself or an object with one as id. */
export function issuerOf(document) {
  const value = document.issuer;
  const address = isObject(value) ? value.id : value;
  require(isAddress(address), "issuer is an address, or an object with one as id");
  if (isObject(value)) {
    words(value, "issuer");
    if (has(value, "type")) types(value, "issuer");
  }
  return address;
}

const TYPED = [
  "credentialStatus",
  "termsOfUse",
  "evidence",
  "refreshService",
  "proof",
  "renderMethod",
  "confidenceMethod",
];

/** Check that a document is a credential as vc-data-model-2.0 §4 has it. */
export function checkCredential(document) {
  require(isObject(document), "a credential is an object");
  context(document);
  identifier(document, "the credential");
  types(document, "the credential", "VerifiableCredential");
  words(document, "the credential");
  require(has(document, "issuer"), "issuer is missing");
  issuerOf(document);
  require(has(document, "credentialSubject"), "credentialSubject is missing");
  objects(document, "credentialSubject", subject);
  validity(document);
  for (const name of TYPED) {
    objects(document, name, (entry) => types(entry, name));
  }
  objects(document, "credentialSchema", schema);
  const ids = objects(document, "relatedResource", related).map((entry) => entry.id);
  require(new Set(ids).size === ids.length, "relatedResource names one resource twice");
}

/** Check what Open Badges 3.0 asks beyond a credential. */
export function checkBadge(document) {
  const contexts = document["@context"];
  require(contexts.length > 1 && String(contexts[1]).startsWith(BADGE_CONTEXT), "@context goes on with Open Badges");
  require(typesOf(document).some((kind) => BADGE_TYPES.includes(kind)), "the type is no Open Badge");
  require(has(document, "id"), "a badge has an id");
  require(has(document, "validFrom"), "a badge has validFrom");
  if (isObject(document.issuer)) types(document.issuer, "issuer", "Profile");
  for (const one of asList(document.credentialSubject)) {
    types(one, "credentialSubject", "AchievementSubject");
    require(isObject(one.achievement), "credentialSubject has an achievement");
    achievement(one.achievement);
    for (const entry of asList(has(one, "identifier") ? one.identifier : [])) {
      require(isObject(entry), "identifier is made of objects");
      types(entry, "identifier", "IdentityObject");
      require(typeof entry.hashed === "boolean", "identifier says whether it is hashed");
      require(isText(entry.identityHash), "identifier has its hash");
    }
  }
  for (const entry of asList(has(document, "evidence") ? document.evidence : [])) types(entry, "evidence", "Evidence");
}

function achievement(value) {
  types(value, "achievement", "Achievement");
  require(isAddress(value.id), "the id of an achievement is an address");
  for (const name of ["name", "description"]) require(isText(value[name]) && value[name], `an achievement has a ${name}`);
  const { criteria } = value;
  require(isObject(criteria) && (has(criteria, "narrative") || has(criteria, "id")), "an achievement has criteria");
  for (const entry of asList(has(value, "alignment") ? value.alignment : [])) {
    require(isObject(entry), "alignment is made of objects");
    types(entry, "alignment", "Alignment");
    require(isText(entry.targetName), "an alignment has a targetName");
    require(isAddress(entry.targetUrl), "an alignment has an address as targetUrl");
  }
}

/** Return the root of the path that a certificate commits to, or null. */
export function pathRootOf(document) {
  const evidence = asList(has(document, "evidence") ? document.evidence : []);
  const found = evidence.filter((entry) => isObject(entry) && entry.genre === GENRE);
  if (!found.length) return null;
  const parts = ROOT.exec(String(found[0].id));
  require(found.length === 1 && parts, "the path that the certificate commits to is not in its form");
  const size = Number(parts[2]);
  require(size <= MOST_EVENTS, "the path that the certificate commits to is not in its form");
  return { root: fromBase64Url(parts[1], "the root of the path"), size };
}
