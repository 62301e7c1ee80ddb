import { UsageError } from "./usage_error.ts";

/** Milliseconds of each unit, the largest first. */
const TIME_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
/** Bytes of each unit, the largest first. */
const SIZE_UNITS = { G: 2 ** 30, M: 2 ** 20, K: 2 ** 10 } as const;

/** What an option takes: its name, and the least and the greatest value. */
interface Range {
  /** Its name, such as `timeout`. */
  readonly option: string;
  /** By default 1. */
  readonly least?: number;
  /** The greatest value. */
  readonly greatest: number;
}

/**
 * Milliseconds, as people write them: `5s`, `500ms`, `1m30s`, `1.5h`; a plain number is milliseconds.
 *
 * @throws {UsageError}
 */
export function readDuration(text: string, { option, least = 1, greatest }: Range): number {
  const parts = /^\d+$/.test(text) ? [[text, text, "ms"]] : partsOf(text);
  const time = Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitOf(unit), 0));
  if (parts.length === 0) {
    throw new UsageError(`--${option} takes a time such as 5s, 500ms or 1m30s, not ${text}`);
  }
  if (time < least) throw new UsageError(`--${option} takes ${writeDuration(least)} or more, not ${text}`);
  if (time > greatest) {
    throw new UsageError(`--${option} takes at most ${writeDuration(greatest)}, not ${text}`);
  }
  return time;
}

/** The numbers of a time with their units, the largest unit first; none if it is not of that form. */
function partsOf(text: string): RegExpMatchArray[] {
  const isWhole = /^(?:\d+(?:\.\d+)?d)?(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+ms)?$/
    .test(text);
  return isWhole ? [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)] : [];
}

function unitOf(unit: string | undefined): number {
  return TIME_UNITS[unit as keyof typeof TIME_UNITS];
}

/** `milliseconds` as {@linkcode readDuration} takes them: `1m30s`. */
export function writeDuration(milliseconds: number): string {
  let left = milliseconds;
  let text = "";
  for (const [unit, size] of Object.entries(TIME_UNITS)) {
    const count = Math.floor(left / size);
    if (count > 0) text += `${count}${unit}`;
    left -= count * size;
  }
  return text || "0ms";
}

/**
 * Bytes, as people write them: `64M`, `1.5G`, `512KiB`; a plain number is bytes. Every unit is a power of 1024.
 *
 * @throws {UsageError}
 */
export function readSize(text: string, { option, least = 1, greatest }: Range): number {
  const [, number, unit = ""] = /^(\d+|\d+\.\d+(?=[KMG]))([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`--${option} takes a number of bytes, such as 64M, not ${text}`);
  }
  const size = Math.round(Number(number) * (SIZE_UNITS[unit.toUpperCase() as keyof typeof SIZE_UNITS] ?? 1));
  if (size < least) throw new UsageError(`--${option} takes ${writeSize(least)} or more, not ${text}`);
  if (size > greatest) throw new UsageError(`--${option} takes at most ${writeSize(greatest)}, not ${text}`);
  return size;
}

/** `bytes` as {@linkcode readSize} takes them: `64M`, or all digits where no unit divides them. */
export function writeSize(bytes: number): string {
  const unit = Object.entries(SIZE_UNITS).find(([, size]) => bytes > 0 && bytes % size === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
}
