/** Structure-aware mutation of components: sections that were valid become sections that perhaps are not. */
import { concat, type Random } from "../gmp/_wire.ts";
import { leb } from "../gmp/wasm_format/component/_bytes.ts";

/** A section: its id, and its content or, for one that is a component, the sections of that. */
interface Section {
  readonly id: number;
  content: Uint8Array | Section[];
}

const CORE_MODULE = 1;
const NESTED = 4;
const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
/** What is wrong in many places: the ends of what a byte, and what LEB128, can say, and the codes of sorts and types. */
const BYTES = [0, 1, 2, 3, 5, 7, 0x10, 0x11, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x60, 0x65, 0x66, 0x69, 0x6a, 0x6f]
  .concat([0x70, 0x72, 0x73, 0x77, 0x7d, 0x7f, 0x80, 0xff]);
const LONG = [[0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x10], [0xff, 0xff, 0xff, 0xff, 0x7f]];

function u32(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let scale = 1;; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at];
  }
}

/** The sections of a valid component. */
export function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = HEADER.length; at < bytes.length;) {
    const id = bytes[at]!;
    const [size, start] = u32(bytes, at + 1);
    const content = bytes.subarray(start, start + size);
    sections.push({ id, content: id === NESTED ? sectionsOf(content) : content });
    at = start + size;
  }
  return sections;
}

/** A component of these sections. */
function assemble(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [HEADER];
  for (const { id, content } of sections) {
    const bytes = content instanceof Uint8Array ? content : assemble(content);
    parts.push(Uint8Array.from([id, ...leb(bytes.length)]), bytes);
  }
  return concat(...parts);
}

function copyOf(sections: readonly Section[]): Section[] {
  return sections.map(({ id, content }) => ({
    id,
    content: content instanceof Uint8Array ? content : copyOf(content),
  }));
}

/** Every list of sections in a component, its own first. */
function levels(sections: Section[]): Section[][] {
  return [
    sections,
    ...sections.flatMap(({ content }) => content instanceof Uint8Array ? [] : levels(content)),
  ];
}

/** `sections` with a few changes; `others` are those of components from which some may come. */
export function mutateComponent(
  random: Random,
  sections: readonly Section[],
  others: readonly (readonly Section[])[],
): Uint8Array<ArrayBuffer> {
  const copy = copyOf(sections);
  for (let count = 1 + random.below(3); count > 0; count--) {
    const level = random.of(levels(copy));
    if (level.length === 0) continue;
    if (random.below(5) > 0) changeContent(random, random.of(level));
    else changeOrder(random, level, random.of(others));
  }
  const bytes = assemble(copy);
  if (random.below(40) > 0) return bytes;
  const at = random.below(bytes.length);
  if (random.below(2) === 0) return bytes.slice(0, at);
  bytes[at] = random.of(BYTES);
  return bytes;
}

function changeOrder(random: Random, level: Section[], other: readonly Section[]): void {
  const at = random.below(level.length);
  switch (random.below(4)) {
    case 0:
      level.splice(at, 1);
      break;
    case 1:
      level.splice(random.below(level.length + 1), 0, ...copyOf([level[at]!]));
      break;
    case 2:
      [level[at], level[random.below(level.length)]] = [level[random.below(level.length)]!, level[at]!];
      break;
    case 3:
      if (other.length > 0) level.splice(at, 0, ...copyOf([random.of(other)]));
  }
}

function changeContent(random: Random, section: Section): void {
  const { content, id } = section;
  if (!(content instanceof Uint8Array) || content.length === 0) return;
  // What V8 does with a wrong module is its own affair, and a loop that was changed may not end.
  if (id === CORE_MODULE) return;
  const at = random.below(content.length);
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2: {
      const changed = content.slice();
      changed[at] = random.of([changed[at]! + 1, changed[at]! - 1, changed[at]! ^ 1 << random.below(8)]);
      section.content = changed;
      break;
    }
    case 3:
    case 4: {
      const changed = content.slice();
      changed[at] = random.of(BYTES);
      section.content = changed;
      break;
    }
    case 5:
      section.content = concat(
        content.subarray(0, at),
        Uint8Array.from(random.below(4) === 0 ? random.of(LONG) : [random.of(BYTES)]),
        content.subarray(at),
      );
      break;
    case 6:
      section.content = concat(content.subarray(0, at), content.subarray(at + 1 + random.below(3)));
      break;
    case 7: {
      // One item more, or less, or a part twice.
      const end = Math.min(content.length, at + 1 + random.below(12));
      const changed = concat(content.subarray(0, end), content.subarray(at));
      if (changed[0]! < 0x7f) changed[0]! += random.below(2);
      section.content = changed;
    }
  }
}
