/**
 * A valid module of about `megabytes` MB. It exports `sub` and has the rest in one data segment of its memory, as a program
 * has that carries its files along; the same in code takes longer, since it has to be checked and compiled.
 */
export function largeModule(megabytes: number): Uint8Array<ArrayBuffer> {
  const size = megabytes * 1_000_000;
  const segment = [1, 0, 0x41, 0, 0x0b, ...unsigned(size)]; // one, of memory 0, from i32.const 0
  const head = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]), // (i32, i32) -> i32
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(Math.ceil(size / 65_536))]), // a memory with room for the segment
    ...section(7, [1, 3, 0x73, 0x75, 0x62, 0, 0]), // "sub"
    ...section(10, [1, 7, 0, 0x20, 0, 0x20, 1, 0x6b, 0x0b]), // local.get 0, local.get 1, i32.sub
    ...[11, ...unsigned(segment.length + size), ...segment],
  ];
  const module = new Uint8Array(head.length + size);
  module.set(head);
  for (let start = head.length; start < module.length; start += 65_536) {
    crypto.getRandomValues(module.subarray(start, start + 65_536));
  }
  return module;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
  return [...bytes, value];
}
