/** Crockford's alphabet: neither `i`, `l`, `o` nor `u`, which are read as other characters or words. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `bytes` in base 32, lower case. */
export function writeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[held >> bits - 5 & 31];
    held &= 255;
  }
  return bits > 0 ? text + ALPHABET[held << 5 - bits & 31] : text;
}

/** The number of characters that `length` bytes take. */
export function base32Length(length: number): number {
  return Math.ceil(length * 8 / 5);
}

/**
 * The `length` bytes that `text` stands for, in either case, with `i` and `l` read as 1 and `o` as 0; or where in
 * `text` the first character is that cannot be.
 */
export function readBase32(text: string, length: number): Uint8Array<ArrayBuffer> | number {
  const bytes = new Uint8Array(length);
  let bits = 0;
  let held = 0;
  let filled = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!.toLowerCase().replace(/[il]/, "1").replace("o", "0");
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return at;
    held = (held << 5 | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (filled === length) return at;
    bytes[filled++] = held >> bits;
  }
  // What is left of the last character is no part of the bytes, and is written as zeros.
  return filled < length
    ? text.length
    : bits >= 5 || (held & (1 << bits) - 1) !== 0
    ? text.length - 1
    : bytes;
}
