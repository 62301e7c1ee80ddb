/**
 * Builds `gvm/extism/kernel.wat` with wat2wasm (Debian's wabt) and writes its bytes into `gvm/extism/kernel_bytes.ts`
 * (`deno task build:kernel`): an executor may read no files.
 */
import { fromFileUrl } from "@std/path";

const room = new URL("../../gvm/extism/", import.meta.url);

const DECLARATION = "const KERNEL_BYTES: Uint8Array<ArrayBuffer>";

/** What `kernel_bytes.ts` should be. */
export async function kernelBytesSource(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("wat2wasm", {
    args: [fromFileUrl(new URL("kernel.wat", room)), "--output=-"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const lines = stdout.toBase64().match(/.{1,100}/g)!.map((line) => `  "${line}"`);
  return `/** The bytes of kernel.wat (\`deno task build:kernel\`). */
export ${DECLARATION} = Uint8Array.fromBase64(
${lines.join(" +\n")},
);
`;
}

/** The file that it writes. */
export const KERNEL_BYTES_FILE: URL = new URL("kernel_bytes.ts", room);

if (import.meta.main) await Deno.writeTextFile(KERNEL_BYTES_FILE, await kernelBytesSource());
