import { GhostError } from "../../gmp/errors.ts";
import { type ModuleName, parseModuleName, writeHash } from "../../gmp/names.ts";
import type { GpmdClient } from "../client/client.ts";

/** The versions of a module that a command line names. */
interface NamedVersions {
  readonly module: string;
  /** All of them with a hash, the latest first; otherwise the one that is named, `undefined` where none is. */
  readonly versions: readonly (string | undefined)[];
}

/** A module as a command line names it: `math`, `math@v0.0.1`, or `math@sha256:…` for a version that has that hash. */
export class NamedModule {
  readonly #name: ModuleName;

  /** @throws {GhostError} `INVALID_NAME`. */
  constructor(readonly text: string) {
    this.#name = parseModuleName(text);
  }

  /**
   * What it stands for at `gpmd`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND` where no version has the hash, and what `gpmd` answers.
   */
  async versions(gpmd: GpmdClient): Promise<NamedVersions> {
    const { module, version, hash } = this.#name;
    if (hash === undefined) return { module, versions: [version] };
    await gpmd.info(module); // says so if there is no such module
    const all = (await gpmd.list()).find(({ name }) => name === module)?.versions ?? [];
    const versions: string[] = [];
    for (const one of all.toReversed()) {
      if ((await gpmd.info(module, one)).hash === hash) versions.push(one);
    }
    if (versions.length > 0) return { module, versions };
    throw new GhostError(
      "MODULE_NOT_FOUND",
      `Cannot find module "${module}" ${writeHash(hash)}: none of its versions has that hash`,
    );
  }
}
