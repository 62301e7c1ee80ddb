import { compare } from "@std/semver/compare";
import { tryParse } from "@std/semver/try-parse";

/** Made when it is first needed: that takes as long as a third of the start of a process. */
let natural: Intl.Collator | undefined;

/** For versions that are not semantic ones: `build-9` goes before `build-10`. */
function compareNaturally(a: string, b: string): number {
  natural ??= new Intl.Collator("en", { numeric: true });
  return natural.compare(a, b);
}

/**
 * Orders two versions for `Array.sort`, lowest first: semantic versions by semver.org, part 11 (a leading `v` is fine),
 * and below them all others in natural order. Different strings are never equal, so "latest" is always the same one.
 */
export function compareVersions(a: string, b: string): number {
  const [semanticA, semanticB] = [tryParse(a), tryParse(b)];
  if (semanticA && !semanticB) return 1;
  if (semanticB && !semanticA) return -1;
  const order = semanticA && semanticB ? compare(semanticA, semanticB) : compareNaturally(a, b);
  if (order !== 0) return order;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The highest of `versions` by {@linkcode compareVersions}, or `undefined` when there is none. */
export function latestVersion(versions: Iterable<string>): string | undefined {
  let latest: string | undefined;
  for (const version of versions) {
    if (latest === undefined || compareVersions(version, latest) > 0) latest = version;
  }
  return latest;
}
