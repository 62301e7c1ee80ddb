import { failAt } from "../_byte_reader.ts";

/**
 * Types and parts of types that may be looked at, compared or copied while one file is validated. Each of the file's own is looked at a
 * few times; but types that use others twice, again and again, describe more than any machine could visit.
 */
const MAX_STEPS = 500_000;
/**
 * The same while one definition is validated, which nothing interrupts. Of 236 components of compilers and test suites, composed ones
 * among them, none needs 2,000; this many take some 12 ms.
 */
const MAX_DEFINITION_STEPS = 50_000;

/** The validation of one file: where it is, and what it may still do. */
export class Validation {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The byte at which the definition that is being validated starts. */
  at = 0;
  #steps = MAX_STEPS;
  #definitionSteps = MAX_DEFINITION_STEPS;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The definition at byte `at` is validated next. */
  begin(at: number): void {
    this.at = at;
    this.#definitionSteps = MAX_DEFINITION_STEPS;
    this.take();
  }

  /** Throws `NOT_A_MODULE` for the definition that is being validated. */
  fail(what: string, at: number = this.at): never {
    failAt(at, what);
  }

  /** Takes steps of what validation may do in all. */
  take(steps = 1): void {
    this.#steps -= steps;
    this.#definitionSteps -= steps;
    if (this.#steps < 0) this.fail(`checking its types takes over ${MAX_STEPS} steps`);
    if (this.#definitionSteps < 0) {
      this.fail(`checking the types of one definition takes over ${MAX_DEFINITION_STEPS} steps`);
    }
  }
}
