import { format as formatBytes } from "@std/fmt/bytes";

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
    draw(progressLine(label, sent, total, (now - start) / 1000));
  };
  return { show, [Symbol.dispose]: () => drawn > 0 ? draw("") : undefined };
}

/** The line for `sent` of `total` bytes after `seconds`: bar, percentage, rate and time left. */
export function progressLine(label: string, sent: number, total: number, seconds: number): string {
  const part = sent / total;
  const bar = "#".repeat(Math.floor(part * 20)).padEnd(20, "-");
  const rate = seconds > 0 ? sent / seconds : 0;
  const left = rate > 0 ? `${Math.ceil((total - sent) / rate)} s left` : "";
  const figures = `[${bar}] ${Math.floor(part * 100)}% ${formatBytes(rate)}/s ${
    sent < total ? left : "checking"
  }`;
  return `${label.slice(-(WIDTH - figures.length - 1))} ${figures}`;
}

function draw(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
}
