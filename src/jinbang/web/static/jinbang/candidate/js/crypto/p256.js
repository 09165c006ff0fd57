// One side of ECDH on P-256 with HKDF-SHA-256 (RFC 5869), for the rescue file on pages without `crypto.subtle`.
// The private key lives for one file only, so the running time of this code tells nobody anything of use.

import { sha256 } from "./sha256.js";

const big = (text) => BigInt(text);
const ZERO = big(0);
const ONE = big(1);
const TWO = big(2);
const THREE = big(3);
const P = big("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const N = big("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const B = big("0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
const G = [
  big("0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
  big("0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
];

const mod = (x) => { const r = x % P; return r < ZERO ? r + P : r; };

function inverse(x) {
  let [a, b, u, v] = [mod(x), P, ONE, ZERO];
  while (a > ONE) {
    const q = b / a;
    [a, b] = [b - q * a, a];
    [u, v] = [v - q * u, u];
  }
  return mod(u);
}

function add(p, q) {
  if (!p) return q;
  if (!q) return p;
  if (p[0] === q[0] && mod(p[1] + q[1]) === ZERO) return null;
  const slope = p[0] === q[0]
    ? mod((THREE * p[0] * p[0] - THREE) * inverse(TWO * p[1]))
    : mod((q[1] - p[1]) * inverse(q[0] - p[0]));
  const x = mod(slope * slope - p[0] - q[0]);
  return [x, mod(slope * (p[0] - x) - p[1])];
}

function times(scalar, point) {
  let result = null;
  for (let rest = scalar, power = point; rest > ZERO; rest /= TWO, power = add(power, power)) {
    if (rest % TWO === ONE) result = add(result, power);
  }
  return result;
}

const toNumber = (bytes) => bytes.reduce((sum, byte) => sum * big(256) + big(byte), ZERO);

function toBytes(number) {
  const digits = number.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function readPoint(bytes) {
  const [x, y] = [toNumber(bytes.subarray(1, 33)), toNumber(bytes.subarray(33, 65))];
  const fits = bytes.length === 65 && bytes[0] === 4 && x < P && y < P
    && mod(y * y - x * x * x + THREE * x - B) === ZERO;
  if (!fits) throw new Error("not a point of P-256");
  return [x, y];
}

function writePoint(point) {
  const out = new Uint8Array(65);
  out[0] = 4;
  out.set(toBytes(point[0]), 1);
  out.set(toBytes(point[1]), 33);
  return out;
}

/** `{publicKey, shared}` for the private key `secret` (32 bytes) and the other side's 65-byte point. */
export function agree(secret, otherPoint) {
  const d = (toNumber(secret) % (N - ONE)) + ONE;
  return { publicKey: writePoint(times(d, G)), shared: toBytes(times(d, readPoint(otherPoint))[0]) };
}

function hmac(key, message) {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const join = (pad, rest) => Uint8Array.of(...block.map((b) => b ^ pad), ...rest);
  return sha256(join(0x5c, sha256(join(0x36, message))));
}

/** HKDF-SHA-256 with an empty salt: 32 bytes of key from `secret` and `info`. */
export function hkdf(secret, info) {
  const extracted = hmac(new Uint8Array(32), secret);
  return hmac(extracted, Uint8Array.of(...info, 1));
}
