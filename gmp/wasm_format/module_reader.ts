import { ByteReader, failAt } from "./_byte_reader.ts";
import { checkHeader, HEADER_LENGTH } from "./header.ts";
import {
  CODE_SECTION,
  MAX_DEFINITIONS,
  MAX_DESCRIBED,
  ModuleDraft,
  SECTION_KINDS,
} from "./_module_sections.ts";
import { atOnce, inTurns, type Steps } from "./_turns.ts";
import type { ModuleDescription } from "./module_description.ts";

export type * from "./module_description.ts";

/**
 * What a WebAssembly module says about itself: imports, exports, memories, tables (core specification 3.0, "Binary
 * Format"). Function bodies, elements and data are skipped, neither read nor copied; the engine validates them.
 * Whatever the bytes are, time and memory are in proportion to the other sections.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and at which byte (also as `details.offset`).
 */
export function readModule(bytes: Uint8Array): ModuleDescription {
  return atOnce(readInSteps(bytes));
}

/**
 * As {@linkcode readModule}, but lets the event loop run every few milliseconds, for a process that serves others.
 *
 * @throws {GhostError} `NOT_A_MODULE`.
 */
export async function readModuleInTurns(bytes: Uint8Array): Promise<ModuleDescription> {
  return await inTurns(readInSteps(bytes));
}

/** As {@linkcode readModule}, but stops after each part of it. @throws {GhostError} `NOT_A_MODULE`. */
export function* readInSteps(bytes: Uint8Array): Steps<ModuleDescription> {
  checkHeader(bytes, "module");
  const draft = new ModuleDraft(bytes);
  const file = new ByteReader(bytes, "file", HEADER_LENGTH, bytes.length);
  while (file.left > 0) {
    yield* readSection(draft, file);
    yield;
  }
  checkBodies(draft);
  const { imports, exports, memories, tables, start, customSections, sections } = draft;
  return {
    imports,
    exports,
    memories,
    tables,
    customSections,
    sections,
    ...(start === undefined ? {} : { start }),
  };
}

function* readSection(draft: ModuleDraft, file: ByteReader): Generator<void, void, void> {
  const start = file.offset;
  const id = file.byte();
  const order = SECTION_KINDS.findIndex((kind) => kind.id === id);
  const kind = SECTION_KINDS[order];
  if (kind === undefined && id !== 0) failAt(start, `there is no section of id ${id}`);
  const name = kind?.name ?? "custom section";
  const size = file.u32();
  if (size > file.left) {
    failAt(start, `the ${name} announces ${size} bytes and the file has ${file.left} left`);
  }
  const contentStart = file.offset;
  file.skip(size);
  const end = file.offset;

  const reader = new ByteReader(draft.bytes, name, contentStart, end);
  if (kind === undefined) {
    if (draft.customSections.length === MAX_DESCRIBED) {
      failAt(start, `there are over ${MAX_DESCRIBED} custom sections`);
    }
    draft.customSections.push(draft.name(reader));
    return;
  }
  const previous = SECTION_KINDS.findIndex((kind) => kind.id === draft.sections.at(-1)?.id);
  if (order === previous) failAt(start, `the ${name} comes twice`);
  if (order < previous) failAt(start, `the ${name} comes after the ${SECTION_KINDS[previous]?.name}`);
  draft.sections.push({ id, start, contentStart, end });
  if (kind.read === undefined) return;
  yield* kind.read(draft, reader);
  if (reader.left > 0) reader.fail(`${reader.left} bytes are left over`);
}

/** Detects a file that was cut between two sections: only here are the functions counted a second time. */
function checkBodies(draft: ModuleDraft): void {
  const code = draft.sections.find((section) => section.id === CODE_SECTION);
  const offset = code?.contentStart ?? draft.bytes.length;
  const bodies = code === undefined
    ? 0
    : new ByteReader(draft.bytes, "code section", offset, code.end).count("bodies", MAX_DEFINITIONS);
  if (bodies !== draft.bodies) {
    failAt(offset, `${draft.bodies} functions are declared and ${bodies} have a body`);
  }
}
