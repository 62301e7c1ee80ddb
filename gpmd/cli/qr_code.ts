// deno-lint-ignore no-import-prefix -- a bundle of the command loads this file without deno.json
import qrcode from "npm:qrcode-generator@^2.0.4";

/** Light and dark modules around a code, which a camera needs. */
const MARGIN = 2;

/** `text` as a QR code (ISO/IEC 18004) in characters, each two modules high, light on dark as a terminal has it. */
export function qrCode(text: string): string {
  const code = qrcode(0, "L");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const isDark = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < size && column < size && code.isDark(row, column);
  const lines: string[] = [];
  for (let row = -MARGIN; row < size + MARGIN; row += 2) {
    let line = "";
    for (let column = -MARGIN; column < size + MARGIN; column++) {
      // A terminal's background is dark: what is light is drawn.
      const [upper, lower] = [!isDark(row, column), !isDark(row + 1, column) && row + 1 < size + MARGIN];
      line += upper ? lower ? "█" : "▀" : lower ? "▄" : " ";
    }
    lines.push(line);
  }
  return lines.join("\n");
}
