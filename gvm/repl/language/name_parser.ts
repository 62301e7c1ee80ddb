import {
  canonicalVersion,
  HASH_FORM,
  hashIn,
  isDeviceName,
  isName,
  VERSION_FORM,
} from "../../../gmp/names.ts";
import { didYouMean } from "../../../gmp/nearest.ts";
import { isIdentifier, quoteBriefly } from "../../../gmp/types/quote.ts";
import { isQuote } from "./quoted.ts";
import type { Scanner } from "./scanner.ts";
import type { SlotPurpose } from "./slot.ts";
import type { Name } from "./syntax.ts";

/** What a module's name is called in a message. */
export const MODULE = "the name of a module";
/** What the prompt calls a resource: `counter#1`. */
export const HANDLE = /^[a-z][\w-]{0,255}#\d+$/i;
const NODE = "the name of a node";
const DEVICE = "the name of a device";
/** A function of a component: `say-hello`. */
const KEBAB = /^[a-z][a-z\d]*(?:-[a-z\d]+)*$/i;

/** Takes the names of a line. */
export class NameParser {
  readonly #scanner: Scanner;

  /** Takes them from `scanner`. */
  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** Parses `node-8399`, or `node-8399@laptop` for a node of another device. */
  node(command: "connect" | "disconnect" | "run"): Name {
    const scanner = this.#scanner;
    const node = scanner.node({ kind: "node", command }, NODE);
    const at = node.text.indexOf("@");
    if (at < 0) return this.checked(node, NODE);
    this.checked({ ...node, text: node.text.slice(0, at) }, NODE);
    const device = node.text.slice(at + 1);
    // In quotes with escapes, what is written is not where it is in the text.
    const isBare = node.end - node.start === node.text.length;
    const start = isBare ? node.start + at + 1 : node.start;
    if (device === "") throw scanner.error(`expected ${DEVICE}`, start);
    this.checked({ text: device, start, end: node.end }, DEVICE);
    if (isDeviceName(device)) return node;
    throw scanner.error(`${quoteBriefly(device)} cannot be ${DEVICE}: the word has another meaning`, start);
  }

  /** Parses the version behind a module, if there is one: `@v0.0.1`. */
  version(module: Name, whole: boolean): Name | undefined {
    if (!this.#scanner.take("@")) return undefined;
    const version = this.#scanner.name({ kind: "version", module }, "a version", whole, isVersion);
    if (isVersion(version.text)) return version;
    throw this.#scanner.error(
      version.text.startsWith("sha256:")
        ? `${quoteBriefly(version.text)} is not a hash: ${HASH_FORM}`
        : `${quoteBriefly(version.text)} is not a version: ${VERSION_FORM}`,
      version.start,
    );
  }

  /** The function, and what stands before it: an interface, a resource. */
  function(module: Name, version: Name | undefined): { name: Name; within: Name[] } {
    const within: Name[] = [];
    for (;;) {
      const name = this.#exported({
        kind: "function",
        module,
        version,
        ...within.length > 0 ? { within: [...within] } : {},
      });
      if (!this.#scanner.take(".")) return { name, within };
      within.push(name);
    }
  }

  #exported(purpose: SlotPurpose): Name {
    const scanner = this.#scanner;
    if (isQuote(scanner.next())) return scanner.quotedName(purpose);
    const name = scanner.part(purpose);
    if (name.text === "") throw scanner.error("expected the name of a function", name.start);
    if (isIdentifier(name.text) || KEBAB.test(name.text)) return name;
    throw scanner.error(
      `the name of this function must be in quotes: ${quoteBriefly(name.text)}`,
      name.start,
    );
  }

  /** Returns `name` if it is one. @throws {TextError}. */
  checked(name: Name, what: string, alternatives: readonly string[] = []): Name {
    if (isName(name.text) || what === MODULE && HANDLE.test(name.text)) return name;
    const allowed = '1 to 64 of a-z, 0-9, ".", "_" and "-"';
    const suggestion = didYouMean(name.text, alternatives);
    throw this.#scanner.error(
      `${quoteBriefly(name.text)} cannot be ${what}: use ${allowed}${suggestion}`,
      name.start,
    );
  }
}

function isVersion(text: string): boolean {
  return canonicalVersion(text) !== undefined || hashIn(text) !== undefined;
}
