import { GhostError } from "../errors.ts";

/** The private ranges of IPv4, and loopback: whom this device dials and listens to unless its user says otherwise. */
export const PRIVATE_NETWORKS: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
];

interface Range {
  readonly first: number;
  readonly last: number;
}

const LOOPBACK: Range = { first: 0x7f00_0000, last: 0x7fff_ffff };

/** The networks, of IPv4, in which other devices may be: nobody else is dialled or listened to. */
export class Networks {
  readonly #ranges: readonly Range[];

  /** @throws {GhostError} `BAD_ARGUMENTS` naming the first of `texts` that is neither an address nor a subnet. */
  constructor(texts: readonly string[]) {
    this.#ranges = texts.map(rangeOf);
  }

  /** True when all of them are loopback: then nothing listens beyond it. */
  get isLoopbackOnly(): boolean {
    return this.#ranges.every(({ first, last }) => first >= LOOPBACK.first && last <= LOOPBACK.last);
  }

  /** Whether `address` is in one of them; false for anything but an address of IPv4. */
  has(address: string): boolean {
    const number = numberOf(address);
    return number !== undefined && this.#ranges.some(({ first, last }) => number >= first && number <= last);
  }
}

/** True for an address or subnet that {@linkcode Networks} takes, such as `192.168.1.0/24`. */
export function isNetwork(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** True for an address such as `192.168.1.20`. */
export function isAddress(text: string): boolean {
  return numberOf(text) !== undefined;
}

/** True for an address of this device's loopback. */
export function isLoopback(address: string): boolean {
  const number = numberOf(address);
  return number !== undefined && number >= LOOPBACK.first && number <= LOOPBACK.last;
}

function rangeOf(text: string): Range {
  const range = parseRange(text);
  if (range !== undefined) return range;
  const start = text.slice(0, 80);
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot use "${start}" as a network: it must be an address or a subnet such as 192.168.1.0/24`,
  );
}

function parseRange(text: string): Range | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const number = numberOf(address);
  const bits = length === undefined ? 32 : /^\d{1,2}$/.test(length) ? Number(length) : NaN;
  if (number === undefined || !(bits <= 32) || rest.length > 0) return undefined;
  const size = 2 ** (32 - bits);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}

function numberOf(address: string): number | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(address)) return undefined;
  const bytes = address.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : undefined;
}
