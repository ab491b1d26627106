// A packed bundle: gzip (RFC 1952) with the digest of what follows in its comment, so that no byte changes unseen.

import { Malformed, concat, require, sha256, textOf, toBase64, utf8 } from "./plain.js";

const MAGIC = [0x1f, 0x8b];
const HEAD = concat(Uint8Array.of(...MAGIC, 8, 0x10, 0, 0, 0, 0, 2, 0xff), utf8("sha-256 "));
const BODY_AT = HEAD.length + 45;

/** Bytes that unpack to more than asked for. */
export class UnpacksTooLarge extends Malformed {}

/** Say whether bytes begin as gzip does. */
export const isPacked = (data) => MAGIC.every((byte, at) => data[at] === byte);

/** Say whether bytes begin as a packed bundle does. */
export const isPackedBundle = (data) => HEAD.every((byte, at) => data[at] === byte);

async function* chunksOf(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new Malformed("it cannot be unpacked");
    throw error;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Return what was packed, of at most `most` bytes. */
export async function unpack(data, most) {
  require(isPackedBundle(data) && data[BODY_AT - 1] === 0, "this is gzip, but not as these files are packed");
  const stated = textOf(data.subarray(HEAD.length, BODY_AT - 1));
  require(stated === toBase64(await sha256(data.subarray(BODY_AT))), "its bytes were changed since it was packed");
  let whole = new Uint8Array();
  for await (const chunk of chunksOf(data)) {
    if (whole.length + chunk.length > most) throw new UnpacksTooLarge(`it unpacks to more than ${most} bytes`);
    whole = concat(whole, chunk);
  }
  return whole;
}
