import { failAt } from "./_byte_reader.ts";

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** The length of the magic number, the version and the layer. */
export const HEADER_LENGTH = 8;

/** What the layer in a file's header says it is. */
type Layer = "module" | "component";

const VERSIONS = { module: 1, component: 13 } as const;
const LAYERS = { module: 0, component: 1 } as const;

/** Whether `bytes` begin as a component does, of whichever version. */
export function isComponent(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_LENGTH && MAGIC.every((byte, index) => byte === bytes[index]) &&
    (bytes[6]! | bytes[7]! << 8) === LAYERS.component;
}

/** Throws `NOT_A_MODULE` unless the bytes from `start` to before `end` begin as a file of `layer` does. */
export function checkHeader(bytes: Uint8Array, layer: Layer, start = 0, end = bytes.length): void {
  const head = bytes.subarray(start, Math.min(end, start + HEADER_LENGTH));
  if (head.length === 0) failAt(start, start === 0 ? "the file is empty" : `a ${layer} is empty`);
  const magic = head.subarray(0, MAGIC.length);
  if (!magic.every((byte, index) => byte === MAGIC[index])) failAt(start, describeStrangeHead(bytes, start));
  if (head.length < HEADER_LENGTH) {
    failAt(start + head.length, `the ${start === 0 ? "file" : layer} ends inside its header of 8 bytes`);
  }
  const version = head[4]! | head[5]! << 8;
  const number = head[6]! | head[7]! << 8;
  if (layer === "module" && number === LAYERS.component) {
    failAt(start + 6, "it is a component, not a core module");
  }
  if (version !== VERSIONS[layer] || number !== LAYERS[layer]) {
    failAt(
      start + 4,
      `the version is ${version} of layer ${number}, not ${VERSIONS[layer]} of layer ${LAYERS[layer]}`,
    );
  }
}

/** WebAssembly's text format, after white space and comments. */
const TEXT_FORMAT = /^(?:\s|;;[^\n]*\n|\(;[^]*?;\))*\(\s*(?:module|component)\b/;
/** Bytes in which it is looked for. */
const TEXT_HEAD = 4096;

function describeStrangeHead(bytes: Uint8Array, start: number): string {
  if (TEXT_FORMAT.test(new TextDecoder().decode(bytes.subarray(start, start + TEXT_HEAD)))) {
    return "it is WebAssembly text, not a binary module (wat2wasm makes one of it)";
  }
  const head = bytes.subarray(start, start + MAGIC.length);
  const isText = head.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
  if (isText) {
    return `it is a text file that starts with ${
      JSON.stringify(String.fromCharCode(...head))
    }, not a binary module`;
  }
  const shown = Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `it starts with ${shown}, not with 00 61 73 6d`;
}
