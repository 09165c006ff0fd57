// One face for all cryptography of the client: the browser's own where it is offered, else ours.
// `useBrowser(false)` forces ours; the tests run every vector through both.

import * as gcm from "./aesgcm.js";
import { inflate as plainInflate } from "./inflate.js";
import { agree, hkdf } from "./p256.js";
import { sha256 as plainSha256 } from "./sha256.js";

let subtle = (globalThis.crypto && globalThis.crypto.subtle) || null;

/** Use the browser's WebCrypto (where there is one) or our own code. */
export function useBrowser(yes) {
  subtle = yes ? (globalThis.crypto && globalThis.crypto.subtle) || null : null;
}

/** Whether WebCrypto does the work. */
export const usesBrowser = () => Boolean(subtle);

/** `length` random bytes. `getRandomValues`, unlike `subtle`, exists in every context. */
export const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export const utf8 = (text) => new TextEncoder().encode(text);
export const text = (bytes) => new TextDecoder().decode(bytes);
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** Standard base64 of bytes. */
export function base64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}

/** Bytes of base64, standard or URL-safe, padded or not. */
export function fromBase64(encoded) {
  const binary = atob(encoded.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, ""));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** SHA-256 as 32 bytes. */
export async function sha256(bytes) {
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : plainSha256(bytes);
}

const imported = (key, use) => subtle.importKey("raw", key, "AES-GCM", false, [use]);

/** AES-256-GCM; `key` 32 bytes, `nonce` 12 bytes; the tag ends the result. */
export async function encrypt(key, nonce, data, aad = new Uint8Array(0)) {
  if (!subtle) return gcm.encrypt(key, nonce, data, aad);
  const how = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return new Uint8Array(await subtle.encrypt(how, await imported(key, "encrypt"), data));
}

/** Reverses `encrypt`; rejects if the tag does not fit. */
export async function decrypt(key, nonce, sealed, aad = new Uint8Array(0)) {
  if (!subtle) return gcm.decrypt(key, nonce, sealed, aad);
  const how = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return new Uint8Array(await subtle.decrypt(how, await imported(key, "decrypt"), sealed));
}

/** Inflates raw DEFLATE with the browser's own stream where it has one. */
export async function inflate(bytes) {
  if (!subtle || typeof DecompressionStream === "undefined") return plainInflate(bytes);
  let stream;
  try {
    stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  } catch (unknownFormat) {
    return plainInflate(bytes); // Chrome 80 to 102 know gzip and zlib only
  }
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function join(first, second) {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

async function agreeBySubtle(point) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pair = await subtle.generateKey(curve, false, ["deriveBits"]);
  const other = await subtle.importKey("raw", point, curve, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: other }, pair.privateKey, 256);
  const publicKey = await subtle.exportKey("raw", pair.publicKey);
  return { publicKey: new Uint8Array(publicKey), shared: new Uint8Array(shared) };
}

/** Seals `data` and `parts` for the owner of a P-256 key in SPKI form: `{epk, iv, ct, parts}` as the rescue file has them. */
export async function sealFor(spki, data, label, parts = []) {
  const point = spki.subarray(spki.length - 65); // the uncompressed point ends a P-256 SPKI
  const { publicKey, shared } = subtle ? await agreeBySubtle(point) : agree(random(32), point);
  const key = hkdf(shared, utf8(label));
  const iv = random(12);
  const ct = await encrypt(key, iv, data, utf8(label));
  const sealed = [];
  for (let n = 0; n < parts.length; n += 1) {
    const nonce = random(12);
    sealed.push(base64(join(nonce, await encrypt(key, nonce, parts[n], utf8(`${label}:${n}`)))));
    await new Promise((resolve) => { setTimeout(resolve); }); // the page stays alive while ours does the work
  }
  return { epk: base64(publicKey), iv: base64(iv), ct: base64(ct), parts: sealed };
}
