// Files that carry a certificate inside: a PDF with a bundle attached, a picture (SVG, PNG) with a credential baked in.
// It is only taken out here.

import { isPackedBundle } from "./packed.js";

const LONGEST_STREAM = 13_000;
const MOST_STREAMS = 400;
const STREAM = /(?<!end)stream\r?\n/g;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const KEYWORD = "openbadgecredential\0";
const BAKED = /<openbadges:credential\b[^>]*>\s*<!\[CDATA\[(.*?)\]\]>\s*<\/openbadges:credential>/s;
const LOOKED_AT = 4_096;

const latin = (bytes) => new TextDecoder("latin1").decode(bytes);
const isPng = (bytes) => PNG.every((byte, at) => bytes[at] === byte);
const isBundle = (bytes) => isPackedBundle(bytes) || latin(bytes).includes('"format":"ronghe-bundle-');

async function inflated(bytes) {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function bundleIn(stream) {
  // Neither JSON nor what is packed ends with the end of a line.
  const bare = stream.subarray(0, stream.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d) + 1);
  if (isBundle(bare)) return bare;
  // Before the end stands a line's end of one sign or two, which may as well be of what is deflated.
  for (const spare of [1, 2, 0]) {
    const bundle = await inflated(stream.subarray(0, Math.max(stream.length - spare, 0)));
    if (bundle && isBundle(bundle)) return bundle;
  }
  return null;
}

/** Return the bundle among the streams of a PDF, or null. */
async function attached(bytes) {
  const text = latin(bytes);
  let looked = 0;
  for (const found of text.matchAll(STREAM)) {
    const start = found.index + found[0].length;
    const end = text.indexOf("endstream", start);
    if (end < 0 || end - start > LONGEST_STREAM) continue;
    looked += 1;
    if (looked > MOST_STREAMS) return null;
    const bundle = await bundleIn(bytes.subarray(start, end));
    if (bundle) return bundle;
  }
  return null;
}

/** Return the international text of a PNG that has the keyword of a credential (Open Badges 3.0 §5.3.1), or null. */
function bakedIntoPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = PNG.length; at + 8 <= bytes.length; at += view.getUint32(at) + 12) {
    const chunk = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    if (latin(bytes.subarray(at + 4, at + 8)) !== "iTXt" || !latin(chunk).startsWith(KEYWORD)) continue;
    const said = latin(chunk.subarray(KEYWORD.length)).match(/^\0\0[^\0]*\0[^\0]*\0/);
    return said ? chunk.subarray(KEYWORD.length + said[0].length) : null;
  }
  return null;
}

function bakedIntoSvg(bytes) {
  const found = BAKED.exec(new TextDecoder().decode(bytes));
  return found ? new TextEncoder().encode(found[1].trim()) : null;
}

/** Say of which kind a file is that may carry a certificate: "pdf", "picture", or nothing. */
export function carrier(bytes) {
  const begins = latin(bytes.subarray(0, LOOKED_AT));
  if (begins.startsWith("%PDF")) return "pdf";
  const isSvg = /^(?:\xef\xbb\xbf)?\s*</.test(begins) && begins.includes("<svg");
  return isPng(bytes) || isSvg ? "picture" : null;
}

/** Return the bundle or credential that a carrier has inside, or null. */
export async function carried(bytes) {
  if (carrier(bytes) === "pdf") return attached(bytes);
  return isPng(bytes) ? bakedIntoPng(bytes) : bakedIntoSvg(bytes);
}
