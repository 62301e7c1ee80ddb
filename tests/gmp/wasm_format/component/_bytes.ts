/** What the bytes of a section are made of: a byte, a string with its length before it, or several. */
type Part = number | string | readonly Part[];

/** Parts as bytes; lengths stay below 128. */
function bytesOf(part: Part): number[] {
  if (typeof part === "number") return [part];
  if (typeof part === "string") {
    const text = new TextEncoder().encode(part);
    return [text.length, ...text];
  }
  return part.flatMap(bytesOf);
}

/** An unsigned LEB128 integer. */
export function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** A section: its id, its size, its content. */
export function section(id: number, ...content: Part[]): number[] {
  const bytes = bytesOf(content);
  return [id, ...leb(bytes.length), ...bytes];
}

/** A component of `sections`. */
export function component(...sections: number[][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...sections.flat()]);
}

/** A core module without anything. */
export const EMPTY_MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A name of any length: how many bytes it has, and these. */
export function longText(name: string): number[] {
  const bytes = Array.from(new TextEncoder().encode(name));
  return leb(bytes.length).concat(bytes);
}

/** How many items there are, and these. */
export function vector(...items: number[][]): number[] {
  return [leb(items.length), ...items].flat();
}

/** A section of any length. */
export function longSection(id: number, content: number[]): number[] {
  return [id, ...leb(content.length)].concat(content);
}
