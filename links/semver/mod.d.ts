// What the project uses of @std/semver 1; the implementation is npm's deno-std.

export interface SemVer {
  major: number;
  minor: number;
  patch: number;
  prerelease?: (string | number)[];
  build?: string[];
}
/** @throws {TypeError} when `value` is not a semantic version; a leading `v` is fine */
export function parse(value: string): SemVer;
export function format(version: SemVer): string;
export function compare(version1: SemVer, version2: SemVer): 1 | 0 | -1;
