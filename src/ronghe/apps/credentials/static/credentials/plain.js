// Values and bytes as the formats of certificates spell them: canonical JSON (RFC 8785), base64, base58, moments,
// SHA-256 and Ed25519. Each value has one spelling here; any other is refused. What it says is checked elsewhere.

/** Something that is not in the one form it must have; the message says what. */
export class Malformed extends Error {}

const DEEPEST = 400;
const HASH_BYTES = 32;
const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const asList = (value) => (Array.isArray(value) ? value : [value]);
export const has = (value, name) => Object.hasOwn(value, name);
export const hasOnly = (value, names) =>
  Object.keys(value).length === names.length && names.every((name) => has(value, name));
export const without = (value, ...names) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

export function require(condition, message) {
  if (!condition) throw new Malformed(message);
}

/** Return the text that bytes of UTF-8 hold. */
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Malformed("the bytes are no UTF-8");
  }
}

function canonicalNumber(value) {
  require(Number.isFinite(value), "a number that JSON cannot carry");
  const text = String(value);
  const exact = !Number.isInteger(value) || Number.isSafeInteger(value) || text.includes("e");
  require(exact, "an integer beyond 2**53 - 1");
  return text;
}

function canonicalText(value) {
  require(value.isWellFormed(), "half of a surrogate pair stands alone in a text");
  return JSON.stringify(value);
}

/** Return the RFC 8785 form of a value, as text. */
export function canonical(value, depth = 0) {
  require(depth < DEEPEST, "objects and lists are nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "string") return canonicalText(value);
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${canonicalText(name)}:${canonical(value[name], depth + 1)}`).join(",")}}`;
}

export const canonicalBytes = (value) => utf8(canonical(value));

/** Return whether two values are the same one. */
export const same = (one, other) => canonical(one) === canonical(other);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

const toBinary = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
export const toBase64 = (bytes) => btoa(toBinary(bytes));

/** Return the bytes of the one standard way to write them in base64 (RFC 4648 §4). */
export function fromBase64(text, what) {
  require(typeof text === "string", `${what} is a text`);
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    throw new Malformed(`${what} is not base64`);
  }
  require(toBase64(bytes) === text, `${what} is not in the canonical form of base64`);
  return bytes;
}

/** The same without padding and in the alphabet for addresses (RFC 4648 §5). */
export function fromBase64Url(text, what) {
  require(!/[+/=]/.test(text), `${what} is not base64url`);
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard + "=".repeat((4 - (standard.length % 4)) % 4), what);
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Return the `size` bytes of a text in multibase base58btc. */
export function fromBase58(text, size) {
  require(typeof text === "string" && text.startsWith("z") && text.length <= 1024, "the prefix of base58btc is z");
  let number = 0n;
  for (const sign of text.slice(1)) {
    const digit = BASE58.indexOf(sign);
    require(digit >= 0, "a character stands in it that base58btc does not have");
    number = number * 58n + BigInt(digit);
  }
  const zeroes = text.slice(1).match(/^1*/)[0].length;
  let digits = number ? number.toString(16) : "";
  if (digits.length % 2) digits = `0${digits}`;
  const bytes = new Uint8Array(zeroes + digits.length / 2);
  for (let at = 0; at < digits.length / 2; at += 1) {
    bytes[zeroes + at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  }
  require(bytes.length === size, `${bytes.length} bytes instead of ${size}`);
  return bytes;
}

/** Return the Ed25519 public key in a multikey. */
export function fromMultikey(text) {
  const bytes = fromBase58(text, HASH_BYTES + 2);
  require(bytes[0] === 0xed && bytes[1] === 0x01, "it is no Ed25519 public key");
  return bytes.slice(2);
}

const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ADDRESS = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:[^${SPACES}<>"{}|\\\\^\`]+$`);

/** Say whether a value is an absolute URL without white space. */
export const isAddress = (value) => typeof value === "string" && ADDRESS.test(value);

const STAMP =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

function milliseconds(year, month, day, hour, minute, second, fraction) {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const onCalendar = moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day && year > 0;
  require(onCalendar && hour < 24 && minute < 60 && second < 60, "it is no moment");
  return moment.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

const fractionOf = (digits) => Number(`0.${(digits ?? "0").slice(0, 6)}`) * 1000;

/** Return the moment of an XML Schema dateTimeStamp, in milliseconds since 1970; without an offset it is of UTC. */
export function moment(text, needsOffset = true) {
  const found = typeof text === "string" && text.length <= 48 ? STAMP.exec(text) : null;
  require(found && (found[8] || !needsOffset), "it is no moment with an offset");
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const zone = found[8] ?? "Z";
  let offset = 0;
  if (zone !== "Z") {
    offset = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
    require(offset <= 14 * 60, "an offset is at most fourteen hours");
    if (zone[0] === "-") offset = -offset;
  }
  const midnight = hour === 24 && minute === 0 && second === 0 && !Number(found[7] ?? 0);
  const local = milliseconds(year, month, day, midnight ? 0 : hour, minute, second, fractionOf(found[7]));
  return local + (midnight ? 86_400_000 : 0) - offset * 60_000;
}

const RECORDED = /^(\d{4})-(\d{2})-(\d{2})[^\n](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?Z$/;

/** Return the moment that the ledger wrote beside an event, in milliseconds since 1970. */
export function recordedMoment(text) {
  const found = RECORDED.exec(text);
  require(found, "recorded_at is no time in UTC");
  const [year, month, day, hour, minute] = found.slice(1, 6).map(Number);
  return milliseconds(year, month, day, hour, minute, Number(found[6] ?? 0), fractionOf(found[7]));
}

/** Say whether a signature of Ed25519 holds. */
export async function holds(publicKey, signature, message) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") throw error;
    return false;
  }
}

/** Say whether this browser can check signatures at all. */
export async function canVerify() {
  try {
    // A public key from RFC 8032 §7.1.
    const known = Uint8Array.from(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".match(/../g),
      (pair) => Number.parseInt(pair, 16),
    );
    await crypto.subtle.importKey("raw", known, { name: "Ed25519" }, false, ["verify"]);
    return typeof "".isWellFormed === "function";
  } catch {
    return false;
  }
}
