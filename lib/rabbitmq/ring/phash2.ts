/** 2^32 divided by the golden ratio, and 13 times that: Erlang's constants for any term and for a binary. */
const GOLDEN_RATIO = 0x9e3779b9;
const BINARY_TERM = 0x08d12e65;
const PHASH2_BITS = 27;

/**
 * Erlang's `erlang:phash2/1` of a binary: Bob Jenkins' lookup2 (Dr. Dobb's, September 1997) with Erlang's constants, truncated to
 * 27 bits. Erlang's documentation fixes the value for every release and machine.
 */
export function phash2(binary: Uint8Array): number {
  const hash = binary.length === 0 ? BINARY_TERM : lookup2(binary, BINARY_TERM);
  return hash & (2 ** PHASH2_BITS - 1);
}

function lookup2(bytes: Uint8Array, initial: number): number {
  const whole = bytes.length - (bytes.length % 12);
  let mixed: Triple = [GOLDEN_RATIO, GOLDEN_RATIO, initial];
  for (let at = 0; at < whole; at += 12) {
    mixed = mix([mixed[0] + word(bytes, at), mixed[1] + word(bytes, at + 4), mixed[2] + word(bytes, at + 8)]);
  }
  // The lowest byte of the last word belongs to the length.
  const tail = word(bytes, whole + 8) << 8;
  const [, , hash] = mix([
    mixed[0] + word(bytes, whole),
    mixed[1] + word(bytes, whole + 4),
    mixed[2] + bytes.length + (tail >>> 0),
  ]);
  return hash;
}

/** Four bytes, the lowest first, padded with zeros at the end. */
function word(bytes: Uint8Array, at: number): number {
  const byte = (index: number): number => bytes[index] ?? 0;
  return (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24)) >>> 0;
}

type Triple = [number, number, number];

/** Each line subtracts the other two words from one and shifts one of them in, all in 32 bits. */
function mix([a, b, c]: Triple): Triple {
  a = (a - b - c) ^ (c >>> 13);
  b = (b - c - a) ^ (a << 8);
  c = (c - a - b) ^ ((b >>> 0) >>> 13);
  a = (a - b - c) ^ ((c >>> 0) >>> 12);
  b = (b - c - a) ^ (a << 16);
  c = (c - a - b) ^ ((b >>> 0) >>> 5);
  a = (a - b - c) ^ ((c >>> 0) >>> 3);
  b = (b - c - a) ^ (a << 10);
  c = (c - a - b) ^ ((b >>> 0) >>> 15);
  return [a >>> 0, b >>> 0, c >>> 0];
}
