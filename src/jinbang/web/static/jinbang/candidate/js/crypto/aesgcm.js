// AES-256-GCM (FIPS 197, SP 800-38D) in plain JavaScript, for pages that have no `crypto.subtle`:
// browsers withhold it outside secure contexts, and a room server on http://192.168.x.x is not one.
// The tag is 16 bytes at the end of the ciphertext, as WebCrypto has it. Nonces are 12 bytes.

const SBOX = new Uint8Array(256);

function fillSbox() {
  let p = 1;
  let q = 1;
  do {
    p = (p ^ (p << 1) ^ (p & 0x80 ? 0x11b : 0)) & 0xff;
    q ^= q << 1; q ^= q << 2; q ^= q << 4; q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    const x = q ^ ((q << 1) | (q >> 7)) ^ ((q << 2) | (q >> 6)) ^ ((q << 3) | (q >> 5)) ^ ((q << 4) | (q >> 4));
    SBOX[p] = (x & 0xff) ^ 0x63;
  } while (p !== 1);
  SBOX[0] = 0x63;
}
fillSbox();

const double = (x) => ((x << 1) ^ (x & 0x80 ? 0x1b : 0)) & 0xff;

function expandKey(key) {
  if (key.length !== 32) throw new Error("AES-256 needs a key of 32 bytes");
  const round = new Uint8Array(240);
  round.set(key);
  let rcon = 1;
  for (let i = 32; i < 240; i += 4) {
    let t = round.slice(i - 4, i);
    if (i % 32 === 0) {
      t = Uint8Array.of(SBOX[t[1]] ^ rcon, SBOX[t[2]], SBOX[t[3]], SBOX[t[0]]);
      rcon = double(rcon);
    } else if (i % 32 === 16) t = t.map((b) => SBOX[b]);
    for (let j = 0; j < 4; j += 1) round[i + j] = round[i - 32 + j] ^ t[j];
  }
  return round;
}

function encryptBlock(round, block) {
  let s = new Uint8Array(16);
  let t = new Uint8Array(16);
  for (let i = 0; i < 16; i += 1) s[i] = block[i] ^ round[i];
  for (let r = 1; r <= 14; r += 1) {
    for (let c = 0; c < 4; c += 1) {
      const a0 = SBOX[s[4 * c]];
      const a1 = SBOX[s[(4 * c + 5) % 16]];
      const a2 = SBOX[s[(4 * c + 10) % 16]];
      const a3 = SBOX[s[(4 * c + 15) % 16]];
      if (r === 14) { t[4 * c] = a0; t[4 * c + 1] = a1; t[4 * c + 2] = a2; t[4 * c + 3] = a3; continue; }
      const all = a0 ^ a1 ^ a2 ^ a3;
      t[4 * c] = a0 ^ all ^ double(a0 ^ a1);
      t[4 * c + 1] = a1 ^ all ^ double(a1 ^ a2);
      t[4 * c + 2] = a2 ^ all ^ double(a2 ^ a3);
      t[4 * c + 3] = a3 ^ all ^ double(a3 ^ a0);
    }
    for (let i = 0; i < 16; i += 1) t[i] ^= round[16 * r + i];
    [s, t] = [t, s];
  }
  return s;
}

/** Multiplies the 128-bit `x` by `h` in GF(2^128); both are four 32-bit words, highest first. */
function multiply(x, h) {
  let [v0, v1, v2, v3] = h;
  let z0 = 0; let z1 = 0; let z2 = 0; let z3 = 0;
  for (let word = 0; word < 4; word += 1) {
    for (let bit = 31; bit >= 0; bit -= 1) {
      const take = -((x[word] >>> bit) & 1);
      z0 ^= v0 & take; z1 ^= v1 & take; z2 ^= v2 & take; z3 ^= v3 & take;
      const carry = -(v3 & 1);
      v3 = (v3 >>> 1) | (v2 << 31);
      v2 = (v2 >>> 1) | (v1 << 31);
      v1 = (v1 >>> 1) | (v0 << 31);
      v0 = (v0 >>> 1) ^ (0xe1000000 & carry);
    }
  }
  return [z0, z1, z2, z3];
}

const words = (view, offset) => [0, 4, 8, 12].map((i) => view.getUint32(offset + i));

function ghash(h, aad, text) {
  const pad = (n) => Math.ceil(n / 16) * 16;
  const all = new Uint8Array(pad(aad.length) + pad(text.length) + 16);
  all.set(aad);
  all.set(text, pad(aad.length));
  const view = new DataView(all.buffer);
  view.setUint32(all.length - 12, aad.length * 8);
  view.setUint32(all.length - 4, text.length * 8);
  let y = [0, 0, 0, 0];
  for (let i = 0; i < all.length; i += 16) {
    const block = words(view, i);
    y = multiply([y[0] ^ block[0], y[1] ^ block[1], y[2] ^ block[2], y[3] ^ block[3]], h);
  }
  return y;
}

function counterMode(round, nonce, data) {
  const block = new Uint8Array(16);
  block.set(nonce);
  const view = new DataView(block.buffer);
  const out = new Uint8Array(data.length);
  for (let i = 0, counter = 2; i < data.length; i += 16, counter += 1) {
    view.setUint32(12, counter);
    const stream = encryptBlock(round, block);
    const end = Math.min(16, data.length - i);
    for (let j = 0; j < end; j += 1) out[i + j] = data[i + j] ^ stream[j];
  }
  return out;
}

function tagOf(round, nonce, aad, ciphertext) {
  const h = words(new DataView(encryptBlock(round, new Uint8Array(16)).buffer), 0);
  const first = new Uint8Array(16);
  first.set(nonce);
  first[15] = 1;
  const mask = words(new DataView(encryptBlock(round, first).buffer), 0);
  const out = new DataView(new ArrayBuffer(16));
  ghash(h, aad, ciphertext).forEach((word, i) => out.setUint32(4 * i, word ^ mask[i]));
  return new Uint8Array(out.buffer);
}

const NOTHING = new Uint8Array(0);

/** Ciphertext of `data`, its 16-byte tag at the end. */
export function encrypt(key, nonce, data, aad = NOTHING) {
  const round = expandKey(key);
  const ciphertext = counterMode(round, nonce, data);
  const out = new Uint8Array(ciphertext.length + 16);
  out.set(ciphertext);
  out.set(tagOf(round, nonce, aad, ciphertext), ciphertext.length);
  return out;
}

/** The plain bytes; throws if the tag does not fit, and then returns nothing of the text. */
export function decrypt(key, nonce, sealed, aad = NOTHING) {
  if (sealed.length < 16) throw new Error("ciphertext is shorter than its tag");
  const round = expandKey(key);
  const ciphertext = sealed.subarray(0, sealed.length - 16);
  const tag = tagOf(round, nonce, aad, ciphertext);
  let difference = 0;
  for (let i = 0; i < 16; i += 1) difference |= tag[i] ^ sealed[ciphertext.length + i];
  if (difference) throw new Error("wrong key, or the data was changed");
  return counterMode(round, nonce, ciphertext);
}
