import { format, parse, type SemVer } from "@std/semver";
import { checkVersion } from "../../gmp/names.ts";
import { compareVersions, latestVersion } from "../store/versions.ts";

/** Marks a development version, followed by a number: `v0.0.2-dev.3` is above `v0.0.1` and below `v0.0.2`. */
const MARK = "dev";

/**
 * A development version above all `versions`, so that it is the latest once published: of `wanted` if that is above
 * them too, else of the patch after the highest version.
 *
 * @throws {GhostError} `INVALID_NAME` when it would be too long for a version.
 */
export function developmentVersion(versions: readonly string[], wanted = "v0.0.1"): string {
  const latest = latestVersion(versions);
  const first = checkVersion(format(marked(parse(wanted), 1)));
  if (latest === undefined || compareVersions(first, latest) > 0) return first;
  return checkVersion(format(following(parse(latest))));
}

function following(version: SemVer): SemVer {
  const [mark, number] = version.prerelease?.slice(-2) ?? [];
  if (mark === MARK && typeof number === "number") {
    return { ...version, prerelease: [...version.prerelease!.slice(0, -1), number + 1] };
  }
  const released = (version.prerelease ?? []).length === 0;
  return marked(released ? { ...version, patch: version.patch + 1 } : version, 1);
}

function marked(version: SemVer, number: number): SemVer {
  return { ...version, prerelease: [...version.prerelease ?? [], MARK, number] };
}
