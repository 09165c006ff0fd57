// Raw DEFLATE (RFC 1951) decompression for browsers without `DecompressionStream("deflate-raw")`.

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
  4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Bits {
  constructor(bytes) { this.bytes = bytes; this.at = 0; this.held = 0; this.count = 0; }

  take(n) {
    while (this.count < n) {
      if (this.at >= this.bytes.length) throw new Error("compressed data ends too early");
      this.held |= this.bytes[this.at] << this.count;
      this.at += 1;
      this.count += 8;
    }
    const value = this.held & ((1 << n) - 1);
    this.held >>>= n;
    this.count -= n;
    return value;
  }

  toByte() { this.held = 0; this.count = 0; }
}

/** Canonical Huffman code of `lengths`: how many codes of each length, and the symbols in code order. */
function huffman(lengths) {
  const count = new Uint16Array(16);
  lengths.forEach((n) => { count[n] += 1; });
  count[0] = 0;
  const next = new Uint16Array(16);
  for (let n = 1; n < 15; n += 1) next[n + 1] = next[n] + count[n];
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((n, symbol) => { if (n) { symbols[next[n]] = symbol; next[n] += 1; } });
  return { count, symbols };
}

function decode(bits, table) {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let n = 1; n < 16; n += 1) {
    code |= bits.take(1);
    const count = table.count[n];
    if (code - first < count) return table.symbols[index + code - first];
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Error("compressed data is damaged");
}

class Output {
  constructor(size) { this.bytes = new Uint8Array(size); this.length = 0; }

  room(more) {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  put(byte) { this.room(1); this.bytes[this.length] = byte; this.length += 1; }

  copy(distance, length) {
    if (distance > this.length) throw new Error("compressed data is damaged");
    this.room(length);
    for (let i = 0; i < length; i += 1, this.length += 1) this.bytes[this.length] = this.bytes[this.length - distance];
  }
}

function stored(bits, out) {
  bits.toByte();
  const length = bits.take(16);
  if ((length ^ 0xffff) !== bits.take(16)) throw new Error("compressed data is damaged");
  for (let i = 0; i < length; i += 1) out.put(bits.take(8));
}

const fixed = (() => {
  const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
  return [huffman(lengths), huffman(new Array(30).fill(5))];
})();

function dynamic(bits) {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const codes = bits.take(4) + 4;
  const order = new Array(19).fill(0);
  for (let i = 0; i < codes; i += 1) order[CODE_ORDER[i]] = bits.take(3);
  const table = huffman(order);
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = decode(bits, table);
    if (symbol < 16) { lengths.push(symbol); continue; }
    const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    for (let i = 0; i < times; i += 1) lengths.push(value);
  }
  return [huffman(lengths.slice(0, literals)), huffman(lengths.slice(literals))];
}

function compressed(bits, out, tables) {
  for (;;) {
    const symbol = decode(bits, tables[0]);
    if (symbol === 256) return;
    if (symbol < 256) { out.put(symbol); continue; }
    const length = LENGTH_BASE[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
    const code = decode(bits, tables[1]);
    out.copy(DISTANCE_BASE[code] + bits.take(DISTANCE_BITS[code]), length);
  }
}

/** The bytes that were compressed; throws if the data is damaged or ends too early. */
export function inflate(bytes) {
  const bits = new Bits(bytes);
  const out = new Output(bytes.length * 4 + 64);
  for (let last = 0; !last;) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) stored(bits, out);
    else if (kind === 3) throw new Error("compressed data is damaged");
    else compressed(bits, out, kind === 1 ? fixed : dynamic(bits));
  }
  return out.bytes.slice(0, out.length);
}
