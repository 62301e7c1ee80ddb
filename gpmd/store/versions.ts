import { compare } from "@std/semver/compare";
import { parse } from "@std/semver/parse";

/** Orders two semantic versions for `Array.sort`, lowest first (semver.org, part 11; a leading `v` is fine). */
export function compareVersions(a: string, b: string): number {
  return compare(parse(a), parse(b));
}

/** The highest of `versions` by {@linkcode compareVersions}, or `undefined` when there is none. */
export function latestVersion(versions: Iterable<string>): string | undefined {
  let latest: string | undefined;
  for (const version of versions) {
    if (latest === undefined || compareVersions(version, latest) > 0) latest = version;
  }
  return latest;
}
