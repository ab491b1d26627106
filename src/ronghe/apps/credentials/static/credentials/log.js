// What a log and its witnesses say: signed notes and checkpoints (C2SP), inclusion in a Merkle tree (RFC 9162), and
// the salted path of a person. Whom to trust is handed in.

import {
  Malformed,
  canonicalBytes,
  concat,
  equal,
  fromBase64,
  hasOnly,
  hex,
  holds,
  isObject,
  require,
  sha256,
  utf8,
} from "./plain.js";
import { invalid, unknown, valid } from "./verdicts.js";

const CLOCKS_MAY_DIFFER_BY = 300;
const PLAIN = 1;
const TIMED = 4;
const HASH_BYTES = 32;
const MOST_STEPS = 63;
const MOST_SIGNATURES = 64;
const MOST_NOTE = 64 * 1024;
const DASH = "\u2014 ";
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
const NAME = /^[^\s+]+$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;

const leafHash = (...parts) => sha256(concat(Uint8Array.of(0), ...parts));
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

async function keyId(name, kind, publicKey) {
  return hex((await sha256(concat(utf8(`${name}\n`), Uint8Array.of(kind), publicKey))).slice(0, 4));
}

/** Return a key that the file of trusted keys names as `name+id+key`. */
async function readKey(text, kind) {
  // A key that its log has replaced counts for checkpoints of up to so many leaves.
  const [line, until] = text.split(" until ");
  const [name, id, ...rest] = line.split("+");
  require(until === undefined || DECIMAL.test(until), `${name} is no key`);
  const material = fromBase64(rest.join("+"), "a key");
  const publicKey = material.slice(1);
  const ids = { [PLAIN]: await keyId(name, PLAIN, publicKey), [TIMED]: await keyId(name, TIMED, publicKey) };
  const key = { name, publicKey, ids, until: until === undefined ? null : BigInt(until) };
  require(material[0] === kind && publicKey.length === HASH_BYTES && key.ids[kind] === id, `${name} is no key`);
  return key;
}

/** Return the logs and witnesses of a file of trusted keys. */
export async function readKeys(trust) {
  return {
    logs: await Promise.all(trust.logs.map((one) => readKey(one, PLAIN))),
    witnesses: await Promise.all(trust.witnesses.keys.map((one) => readKey(one, TIMED))),
    threshold: trust.witnesses.threshold,
  };
}

function parseNote(note) {
  require(note.length <= MOST_NOTE && !CONTROL.test(note) && note.endsWith("\n"), "this is no note");
  const blank = note.lastIndexOf("\n\n");
  require(blank > 0, "a note is a text, an empty line and signature lines");
  const lines = note.slice(blank + 2, -1).split("\n");
  require(lines.length <= MOST_SIGNATURES, "a note has too many signatures");
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line) {
  const parts = line.slice(DASH.length).split(" ");
  require(line.startsWith(DASH) && parts.length === 2 && NAME.test(parts[0]), "this is no signature line");
  const blob = fromBase64(parts[1], `the signature of ${parts[0]}`);
  require(blob.length > 4, `the signature of ${parts[0]} is too short`);
  return { name: parts[0], id: hex(blob.slice(0, 4)), blob: blob.slice(4) };
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  require(lines.length === 4 && !lines[3] && lines[0], "a checkpoint is three lines");
  require(DECIMAL.test(lines[1]) && BigInt(lines[1]) < 1n << 63n, "line 2 is not a size");
  const root = fromBase64(lines[2], "the root hash");
  require(root.length === HASH_BYTES, "a root hash has 32 bytes");
  return { origin: lines[0], size: BigInt(lines[1]), root };
}

/** Return the parts of a proof (C2SP tlog-proof), nothing of it checked. */
export function parseProof(text) {
  require(typeof text === "string", "the proof is a text");
  const blank = text.indexOf("\n\n");
  const [first, ...lines] = (blank < 0 ? text : text.slice(0, blank)).split("\n");
  require(blank >= 0 && first === "c2sp.org/tlog-proof@v1", "this is no proof");
  // Nobody signs extra data, so a certificate carries none.
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? "");
  require(index && lines.length <= MOST_STEPS, "a proof states the index of its leaf, and a path");
  const path = lines.map((line) => fromBase64(line, "a step of the path"));
  require(path.every((step) => step.length === HASH_BYTES), "every step of a path has 32 bytes");
  return { index: BigInt(index[1]), path, note: text.slice(blank + 2) };
}

async function checkTimed(key, note, blob) {
  require(blob.length === 72, `a timed signature of ${key.name} has the wrong length`);
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  require(await holds(key.publicKey, blob.slice(8), message), `a signature of ${key.name} does not hold`);
  return Number(time);
}

async function openCheckpoint(note, checkpoint, logs) {
  let signed = false;
  let time = null;
  for (const signature of note.signatures) {
    for (const key of logs) {
      if (signature.name !== key.name) continue;
      const isOfIt = Object.values(key.ids).includes(signature.id);
      require(!isOfIt || key.until === null || checkpoint.size <= key.until, `${key.name} has replaced this key`);
      if (signature.id === key.ids[PLAIN]) {
        require(await holds(key.publicKey, signature.blob, utf8(note.text)), `a signature of ${key.name} does not hold`);
        signed ||= key.name === checkpoint.origin;
      } else if (signature.id === key.ids[TIMED]) {
        const stated = await checkTimed(key, note, signature.blob);
        if (key.name === checkpoint.origin) time = stated;
      }
    }
  }
  require(signed, `no known key of ${checkpoint.origin} signed this checkpoint`);
  return time;
}

// A signature that was altered must not pass for a stranger's.
function refuseLookalikes(note, keys) {
  const known = new Set(keys.flatMap((key) => Object.values(key.ids).map((id) => `${key.name} ${id}`)));
  const names = new Set(keys.map((key) => key.name));
  const ids = new Set(keys.flatMap((key) => Object.values(key.ids)));
  for (const { name, id } of note.signatures) {
    require(known.has(`${name} ${id}`) || !(names.has(name) || ids.has(id)), `a signature is not of ${name}`);
  }
}

async function verifyInclusion({ index, path }, { size, root }, leaf) {
  require(index < size, `there is no leaf ${index} in a tree of ${size} leaves`);
  let position = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of path) {
    require(last > 0n, "the proof has more steps than the tree has levels");
    if (position & 1n || position === last) {
      hash = await nodeHash(sibling, hash);
      while (position && !(position & 1n)) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  require(last === 0n, "the proof has fewer steps than the tree has levels");
  require(equal(hash, root), "the proof leads to another root");
}

/** Return the leaf of a logged event. */
export async function leafOf(event) {
  const digest = hex(await sha256(concat(event.salt, canonicalBytes(event.payload))));
  const { recorded_at, subject, type } = event;
  return leafHash(canonicalBytes({ digest, recorded_at, subject, type }));
}

const timeText = (seconds) => {
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? `${seconds} s` : moment.toISOString().replace(".000", "");
};

const isAfter = (seconds, at) => seconds > at / 1000 + CLOCKS_MAY_DIFFER_BY;

/** Return whether a trusted log includes a leaf recorded at a moment. */
export async function checkLog(proof, leaf, recordedAt, keys, at) {
  let note;
  let checkpoint;
  try {
    note = parseNote(proof.note);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    return refusal("log", "log-proof-is-malformed", error);
  }
  let time;
  try {
    refuseLookalikes(note, keys.logs);
    if (!keys.logs.some((key) => key.name === checkpoint.origin)) {
      const claimed = note.signatures.some((one) => keys.logs.some((key) => key.name === one.name));
      require(!claimed, `a log that you trust is said to have signed for ${checkpoint.origin}`);
      return unknown("log", "log-is-unknown", checkpoint.origin);
    }
    time = await openCheckpoint(note, checkpoint, keys.logs);
  } catch (error) {
    return refusal("log", "log-signature-does-not-hold", error);
  }
  if (time === null) return invalid("log", "log-time-is-missing");
  if (isAfter(time, at)) return invalid("log", "log-is-in-the-future", timeText(time));
  try {
    await verifyInclusion(proof, checkpoint, leaf);
    require(recordedAt / 1000 <= time + CLOCKS_MAY_DIFFER_BY, "the event is dated after the log that has it");
  } catch (error) {
    return refusal("log", "log-proof-does-not-hold", error);
  }
  return valid("log", "log-includes-it", `${checkpoint.origin} · ${proof.index} / ${checkpoint.size} · ${timeText(time)}`);
}

/** Return whether enough trusted witnesses signed the checkpoint of a proof. */
export async function checkWitnesses(proof, keys, at) {
  const name = "witnesses";
  if (!keys.threshold) return valid(name, "witnesses-are-not-required");
  if (!keys.witnesses.length) return unknown(name, "witnesses-are-unknown");
  const times = new Map();
  try {
    const note = parseNote(proof.note);
    refuseLookalikes(note, keys.witnesses);
    for (const signature of note.signatures) {
      for (const key of keys.witnesses) {
        if (signature.name !== key.name || signature.id !== key.ids[TIMED]) continue;
        times.set(key.name, Math.max(times.get(key.name) ?? 0, await checkTimed(key, note, signature.blob)));
      }
    }
  } catch (error) {
    return refusal(name, "witness-signature-does-not-hold", error);
  }
  for (const [witness, time] of times) {
    if (isAfter(time, at)) return invalid(name, "witness-is-in-the-future", `${witness} · ${timeText(time)}`);
  }
  const found = `${times.size} / ${keys.threshold}: ${[...times.keys()].sort().join(", ") || "—"}`;
  return times.size < keys.threshold
    ? invalid(name, "witnesses-are-too-few", found)
    : valid(name, "witnesses-suffice", found);
}

const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;

/** Return the events that a holder shows. */
export function parsePath(value) {
  require(hasOnly(value, ["events", "hashes", "size"]), "a path shown has events, hashes and its size");
  require(Array.isArray(value.events) && Array.isArray(value.hashes) && isWhole(value.size), "a path is not well formed");
  const events = value.events.map((event) => {
    require(isObject(event) && hasOnly(event, ["content", "index", "salt"]), "an event has content, index and salt");
    require(isObject(event.content) && isWhole(event.index), "an event has content and a number");
    return { content: event.content, index: event.index, salt: fromBase64(event.salt, "the salt") };
  });
  return { events, hashes: value.hashes.map((one) => fromBase64(one, "a hash of the path")), size: value.size };
}

async function rootOfRange(leaves, hashes, start, end) {
  if (![...leaves.keys()].some((index) => start <= index && index < end)) {
    require(hashes.length, "there are fewer hashes than events that are not shown need");
    return hashes.shift();
  }
  if (end - start === 1) return leaves.get(start);
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  const left = await rootOfRange(leaves, hashes, start, start + width);
  return nodeHash(left, await rootOfRange(leaves, hashes, start + width, end));
}

/** Return whether the events shown belong to the certificate that commits to `root`. */
export async function checkPath(shown, root) {
  if (shown === null) return unknown("path", "path-is-not-shown");
  if (root === null) return invalid("path", "path-has-no-root");
  try {
    require(shown.size === root.size, "the events shown are of another path");
    const indexes = shown.events.map((event) => event.index);
    const inOrder = indexes.every((index, at) => index < root.size && (at === 0 || indexes[at - 1] < index));
    require(indexes.length && inOrder, "the events shown are not in order");
    require(shown.events.every((event) => event.salt.length === 16), "a salt has 16 bytes");
    require(shown.hashes.every((one) => one.length === HASH_BYTES), "a hash has 32 bytes");
    const leaves = new Map();
    for (const event of shown.events) leaves.set(event.index, await leafHash(event.salt, canonicalBytes(event.content)));
    const hashes = [...shown.hashes];
    const computed = await rootOfRange(leaves, hashes, 0, root.size);
    require(!hashes.length, "there are more hashes than events that are not shown need");
    require(equal(computed, root.root), "the events shown lead to another root");
  } catch (error) {
    return refusal("path", "path-does-not-hold", error);
  }
  return valid("path", "path-holds", `${shown.events.length} / ${root.size}`);
}

function refusal(name, code, error) {
  if (!(error instanceof Malformed)) throw error;
  return invalid(name, code, error.message);
}
