import { copyRanges, isMarked, type MarkedString } from "./_byte_order_marks.ts";
import { GhostError } from "../errors.ts";

/** Levels of nested maps and arrays: the deepest message of GMP, a list of modules, needs four. */
const MAX_DEPTH = 8;
/** Values in one message: 10,000 names or the exports of a large module fit; a flood of empty maps does not. */
const MAX_ELEMENTS = 200_000;
/** Values in a message whose fields are known, such as a request: 4,096 arguments and as many variables fit. */
const MAX_FIELD_ELEMENTS = 16_384;

/**
 * Bytes that V8 takes for a value beside its contents, measured and rounded up: a non-empty array has room for 17
 * elements. Small integers, nil and booleans take none.
 */
const COST = {
  map: 64,
  entry: 64,
  emptyArray: 48,
  array: 192,
  element: 16,
  string: 32,
  binary: 128,
  number: 32,
} as const;

const PROTO = new TextEncoder().encode("__proto__");

/** The fields that a message may have, by the kind of their values. */
export interface BodyFields {
  /** Those whose values are neither maps nor arrays. */
  readonly plain?: readonly string[];
  /** Those whose values may be maps or arrays. */
  readonly nested?: readonly string[];
}

/**
 * One walk through a MessagePack map (msgpack.org, "Formats") that decodes nothing: it checks the form, estimates the
 * memory that decoding would take, and finds the wanted entries.
 */
export class BodyWalk {
  /** Roughly how many bytes of memory the wanted entries would take. */
  cost: number = COST.map;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fields: BodyFields | undefined;
  readonly #mostElements: number;
  #position = 0;
  #elements = 0;
  #hasBinary = false;
  /** Where the wanted entries begin and end, one after the other. */
  #kept: number[] = [];
  #skipped = false;
  /** Strings that begin with a byte order mark, in order. */
  #marked: MarkedString[] | undefined;

  /** A walk through `bytes` that wants the entries named in `fields`, or all entries. */
  constructor(bytes: Uint8Array, fields: BodyFields | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fields = fields;
    this.#mostElements = fields === undefined ? MAX_ELEMENTS : MAX_FIELD_ELEMENTS;
  }

  /** Walks. @throws {GhostError} `BAD_REQUEST`. */
  run(): void {
    if (this.#bytes.length === 0) this.#fail("it is empty");
    const type = this.#view.getUint8(this.#need(1));
    const isFixed = (type & 0xf0) === 0x80;
    if (!isFixed && type !== 0xde && type !== 0xdf) this.#fail("it is not a map");
    this.#top(isFixed ? type & 0x0f : this.#length(type === 0xde ? 2 : 4));
    if (this.#position !== this.#bytes.length) this.#fail("bytes follow its map");
  }

  /** A map of the wanted entries, in bytes that decoding may refer to. */
  wanted(): Uint8Array {
    // Binary values are views of the decoded bytes, and these are in a read buffer that will be reused.
    const marked = this.#marked ?? [];
    if (!this.#skipped) {
      if (marked.length > 0) return copyRanges(this.#bytes, [0, this.#bytes.length], marked);
      return this.#hasBinary ? this.#bytes.slice() : this.#bytes;
    }
    const head = new Uint8Array(5);
    head[0] = 0xdf;
    new DataView(head.buffer).setUint32(1, this.#kept.length / 2);
    return copyRanges(this.#bytes, this.#kept, marked, head);
  }

  /** The entries of the map itself. */
  #top(count: number): void {
    this.#elements++;
    const fields = this.#fields;
    for (let i = 0; i < count; i++) {
      const start = this.#position;
      const before = this.cost;
      const name = this.#key();
      if (fields === undefined) {
        this.#value(1);
        continue;
      }
      const isPlain = name !== undefined && fields.plain?.includes(name) === true;
      if (isPlain && this.#isContainer()) this.#fail(`its "${name}" is a map or an array`);
      this.#value(1);
      if (isPlain || (name !== undefined && fields.nested?.includes(name))) {
        this.#kept.push(start, this.#position);
        continue;
      }
      this.#skipped = true;
      this.cost = before;
    }
  }

  /** Whether a map or an array comes next. */
  #isContainer(): boolean {
    const type = this.#bytes[this.#position] ?? 0;
    return (type >= 0x80 && type <= 0x9f) || (type >= 0xdc && type <= 0xdf);
  }

  #container(count: number, isMap: boolean, depth: number): void {
    if (depth >= MAX_DEPTH) this.#fail(`it is deeper than ${MAX_DEPTH}`);
    this.cost += isMap ? COST.map : count === 0 ? COST.emptyArray : COST.array;
    for (let i = 0; i < count; i++) {
      if (isMap) this.#key();
      else this.cost += COST.element;
      this.#value(depth + 1);
    }
  }

  /** Skips a key; returns its text if that may be the name of a field. */
  #key(): string | undefined {
    const head = this.#position;
    const type = this.#view.getUint8(this.#need(1));
    let size = -1;
    if ((type & 0xe0) === 0xa0) size = type & 0x1f;
    else if (type >= 0xd9 && type <= 0xdb) size = this.#length(1 << type - 0xd9 as 1 | 2 | 4);
    else this.#fail("a key of a map is not a string");
    this.cost += COST.entry + COST.string + 2 * size;
    const start = this.#string(head, size);
    const end = start + size - PROTO.length;
    if (size >= PROTO.length && PROTO.every((byte, i) => this.#bytes[end + i] === byte)) {
      this.#fail('a key is "__proto__"');
    }
    if (this.#fields === undefined || size > 31) return undefined;
    return String.fromCharCode(...this.#bytes.subarray(start, start + size));
  }

  #value(depth: number): void {
    const most = this.#mostElements;
    if (++this.#elements > most) this.#fail(`it has more than ${most} values`);
    const head = this.#position;
    const type = this.#view.getUint8(this.#need(1));
    if (type <= 0x7f || type >= 0xe0 || type === 0xc0 || type === 0xc2 || type === 0xc3) return;
    if (type <= 0x8f) return this.#container(type & 0x0f, true, depth);
    if (type <= 0x9f) return this.#container(type & 0x0f, false, depth);
    if (type <= 0xbf) return this.#text(head, type & 0x1f);
    if (type >= 0xc4 && type <= 0xc6) {
      this.#hasBinary = true;
      const size = this.#length(1 << type - 0xc4 as 1 | 2 | 4);
      this.#need(size);
      this.cost += COST.binary + size;
      return;
    }
    if (type >= 0xca && type <= 0xd3) return this.#number(type);
    if (type >= 0xd9 && type <= 0xdb) return this.#text(head, this.#length(1 << type - 0xd9 as 1 | 2 | 4));
    if (type === 0xdc) return this.#container(this.#length(2), false, depth);
    if (type === 0xdd) return this.#container(this.#length(4), false, depth);
    if (type === 0xde) return this.#container(this.#length(2), true, depth);
    if (type === 0xdf) return this.#container(this.#length(4), true, depth);
    this.#fail(`it has a MessagePack type, ${type}, that GMP does not use`);
  }

  /** Skips the `size` bytes of a string whose type is at `head`, and returns where they begin. */
  #string(head: number, size: number): number {
    const start = this.#need(size);
    if (isMarked(this.#bytes, start, size)) (this.#marked ??= []).push({ head, start, size });
    return start;
  }

  #text(head: number, size: number): void {
    this.#string(head, size);
    this.cost += COST.string + 2 * size;
  }

  #number(type: number): void {
    this.cost += COST.number;
    if (type === 0xca) this.#need(4);
    else if (type === 0xcb) this.#need(8);
    else this.#need(1 << (type <= 0xcf ? type - 0xcc : type - 0xd0));
  }

  /** Reads a length of `width` bytes. */
  #length(width: 1 | 2 | 4): number {
    const at = this.#need(width);
    const view = this.#view;
    return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
  }

  /** Skips `count` bytes, which must be there, and returns where they begin. */
  #need(count: number): number {
    if (count > this.#bytes.length - this.#position) this.#fail("its MessagePack is cut off");
    this.#position += count;
    return this.#position - count;
  }

  #fail(reason: string): never {
    throw new GhostError("BAD_REQUEST", `Cannot read the payload: ${reason}`);
  }
}
