import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { EXTISM_SIGNATURES } from "../../../gmp/wasm_format/extism.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { KERNEL_BYTES } from "../../../gvm/extism/kernel_bytes.ts";
import { Kernel } from "../../../gvm/extism/kernel.ts";
import { KERNEL_BYTES_FILE, kernelBytesSource } from "../../tools/build_kernel.ts";
import { hasCommand } from "../../tools/commands.ts";

/** A kernel whose memory has up to `maximum` pages, and its functions as a plug-in calls them. */
function kernelOf(maximum = 1000) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum });
  const kernel = new Kernel(memory);
  const functions = kernel.functions as Record<string, (...args: (bigint | number)[]) => bigint>;
  return { kernel, memory, ...functions } as
    & { kernel: Kernel; memory: WebAssembly.Memory }
    & Record<
      | "alloc"
      | "free"
      | "length"
      | "reset"
      | "load_u64"
      | "store_u64"
      | "store_u8"
      | "input_set"
      | "input_length",
      (...args: (bigint | number)[]) => bigint
    >;
}

const canBuild = await hasCommand("wat2wasm");
if (!canBuild) console.log("Not rebuilding kernel.wat: wat2wasm (Debian's wabt) is not installed");

Deno.test({
  name: "the kernel's bytes are those of kernel.wat (deno task build:kernel)",
  ignore: !canBuild,
  async fn() {
    const words = (text: string) => text.replaceAll(/\s/g, "");
    assertEquals(words(await Deno.readTextFile(KERNEL_BYTES_FILE)), words(await kernelBytesSource()));
  },
});

Deno.test("the kernel exports functions of the signatures that plug-ins import", () => {
  const { exports } = readModule(KERNEL_BYTES);
  assertEquals(exports.length, 20);
  for (const one of exports) {
    assert(one.kind === "function");
    assertEquals({ [one.name]: one.type }, { [one.name]: EXTISM_SIGNATURES.get(one.name)! });
  }
});

// What follows is what Extism's own tests expect of a kernel (extism, runtime/src/tests/kernel.rs).

Deno.test("a freed block is used again, and a larger one is cut", () => {
  const { alloc, free, length, reset } = kernelOf();
  assertEquals(alloc(0n), 0n);
  const first = alloc(65535n);
  assertEquals(length(first), 65535n);
  for (let inside = 1n; inside < 5n; inside++) assertEquals(length(first + inside), 0n);
  free(first);
  const second = alloc(65535n);
  assertEquals(second, first);
  free(second);
  const third = alloc(65535n - 24n);
  assertEquals([third, length(third)], [first, 65535n - 24n]);
  free(third);
  for (let size = 1n; size <= 64n; size++) {
    const block = alloc(size);
    assertEquals(length(block), size);
    free(block);
  }
  const large = alloc(6553600n);
  const larger = alloc(65536n + 1024n);
  assertEquals([length(large), length(larger)], [6553600n, 66560n]);
  reset();
  const again = alloc(66560n);
  assertEquals(again, first);
  assertEquals(length(larger), 0n, "a block from before");
});

Deno.test("blocks never overlap, and what is free is used before the memory grows", () => {
  const { alloc, free, length, memory } = kernelOf(64);
  const blocks = new Map<bigint, bigint>();
  let seed = 1;
  const random = (below: number) => (seed = seed * 48271 % 0x7fffffff) % below;
  for (let step = 0; step < 20_000; step++) {
    if (random(3) === 0 && blocks.size > 0) {
      const block = [...blocks.keys()][random(blocks.size)]!;
      free(block);
      assertEquals(length(block), 0n);
      blocks.delete(block);
    } else {
      const size = BigInt(1 + random(5000));
      const block = alloc(size);
      if (block !== 0n) {
        assertEquals(length(block), size);
        blocks.set(block, size);
      } else {
        for (const [one] of blocks) if (random(2) === 0) free(one), blocks.delete(one);
      }
    }
  }
  const sorted = [...blocks].sort(([a], [b]) => Number(a - b));
  sorted.forEach(([block, size], index) => {
    assertEquals(length(block), size);
    assert(block + size <= (sorted[index + 1]?.[0] ?? BigInt(memory.buffer.byteLength)));
  });
  for (const [block] of blocks) free(block);
  assert(alloc(BigInt(memory.buffer.byteLength) - 64n) !== 0n, "free blocks became one");
});

Deno.test("without room there is no block, whatever is asked for", () => {
  const { alloc, length } = kernelOf(16);
  for (const size of [1n << 20n, 352054710n, 0xffff_ffffn, 0xffff_fff0n, 1n << 32n, (1n << 63n) + 1n, -1n]) {
    assertEquals(alloc(size), 0n, `${size}`);
  }
  const last = alloc((1n << 20n) - 32n);
  assertEquals(length(last), (1n << 20n) - 32n, "all of the memory");
  assertEquals(alloc(1n), 0n);
});

Deno.test("what is outside of the memory reads as 0, and is not written", () => {
  const { load_u64, store_u64, store_u8, alloc, memory } = kernelOf(1);
  const block = alloc(8n);
  store_u64(block, 0x0706050403020100n);
  assertEquals(load_u64(block), 0x0706050403020100n);
  const before = new Uint8Array(memory.buffer).slice();
  for (const offset of [0n, 15n, 65529n, 65536n, 0xffff_ffffn, 0xffff_ffff_ffffn, -1n, -8n, 1n << 32n]) {
    store_u64(offset, -1n);
    assertEquals(load_u64(offset), 0n, `${offset}`);
  }
  for (const offset of [0n, 15n, 65536n, -1n]) store_u8(offset, 255);
  assertEquals(new Uint8Array(memory.buffer), before);
});

Deno.test("only what is in the memory becomes the input, and freeing it leaves none", () => {
  const { alloc, free, input_set, input_length } = kernelOf();
  const block = alloc(100n);
  input_set(block, 100n);
  for (const [offset, length] of [[block, 1n << 40n], [65530n, 10n], [-1n, 2n], [0n, 0n]] as const) {
    input_set(offset, length);
    assertEquals(input_length(), 100n);
  }
  free(block);
  assertEquals(input_length(), 0n);
});

Deno.test("an input without room is refused, and the next one fits", () => {
  const { kernel } = kernelOf(2);
  const error = assertThrows(() => kernel.begin(new Uint8Array(131_072)), GhostError);
  assertEquals(error.code, "MEMORY_LIMIT");
  kernel.begin(new Uint8Array(131_040));
  kernel.begin(new Uint8Array(1));
});

Deno.test("a call begins with an empty memory", () => {
  const { kernel, memory, alloc, store_u64, free } = kernelOf();
  kernel.begin(new TextEncoder().encode("secret"));
  const block = alloc(1000n);
  store_u64(block, -1n);
  free(block);
  kernel.begin(new Uint8Array());
  assertEquals(new Uint8Array(memory.buffer).findIndex((byte) => byte !== 0), -1);
  assertEquals(kernel.output(), new Uint8Array());
  assertEquals(kernel.error(100), undefined);
});
