import { format as formatBytes } from "@std/fmt/bytes";
import { columns } from "../../gmp/command/console.ts";
import { printable } from "../../gmp/command/printable.ts";
import { widthOf } from "../../gmp/command/wrap.ts";

/** Bytes below which an upload is over before anyone could look at a bar. */
const LARGE = 4 * 1024 * 1024;
/** Milliseconds between updates. */
const INTERVAL = 100;
/** Columns of the line at most: it must not wrap. */
const WIDTH = 79;

/** A progress bar for an upload on standard error; shows nothing for a small file, or when that is not a terminal. */
interface ProgressBar extends Disposable {
  /** Shows that `sent` of `total` bytes have been sent. */
  readonly show: (sent: number, total: number) => void;
}

/** A bar for the upload of `label`; disposing of it clears the line. */
export function progressBar(label: string): ProgressBar {
  const start = performance.now();
  let drawn = -Infinity;
  const show = (sent: number, total: number) => {
    const now = performance.now();
    if (total < LARGE || !Deno.stderr.isTerminal() || (now - drawn < INTERVAL && sent < total)) return;
    drawn = now;
    draw(
      progressLine(printable(label), sent, total, (now - start) / 1000, (columns("stderr") ?? WIDTH + 1) - 1),
    );
  };
  return { show, [Symbol.dispose]: () => drawn > 0 ? draw("") : undefined };
}

/**
 * The line for `sent` of `total` bytes after `seconds`, in `width` columns: the end of the label, a bar, percentage, rate and time
 * left, or as much of it as there is room for.
 */
export function progressLine(
  label: string,
  sent: number,
  total: number,
  seconds: number,
  width: number = WIDTH,
): string {
  const part = sent / total;
  const bar = "#".repeat(Math.floor(part * 20)).padEnd(20, "-");
  const rate = seconds > 0 ? sent / seconds : 0;
  const left = rate > 0 ? `${Math.ceil((total - sent) / rate)} s left` : "";
  const percentage = `${Math.floor(part * 100)}%`;
  const state = `${percentage} ${formatBytes(rate)}/s ${sent < total ? left : "checking"}`;
  const figures = [`[${bar}] ${state}`, state, percentage].find((text) => text.length < width) ?? "";
  const room = Math.min(WIDTH, width) - figures.length - 1;
  const shown = [...label.slice(-WIDTH).toWellFormed()];
  while (widthOf(shown.join("")) > Math.max(0, room)) shown.shift();
  return `${shown.join("")} ${figures}`.trimStart();
}

function draw(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
}
