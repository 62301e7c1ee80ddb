import { canonicalVersion } from "../../gmp/names.ts";
import type { ModuleVersion } from "./module_index.ts";
import { compareVersions } from "./versions.ts";

/** The new name of a version that an earlier GPMD stored under a word that is not a version today. */
export interface UpgradedVersion {
  /** The module. */
  readonly name: string;
  /** What the version was called. */
  readonly from: string;
  /** What it is called now. */
  readonly to: string;
  /** Whether that version was there already, with the same bytes. */
  readonly merged: boolean;
}

/**
 * Renames the versions of one module that an earlier GPMD stored, which took any word for a version: `1.0.0` becomes
 * `v1.0.0`, unless that has other bytes; other words become pre-releases of v0.0.0, which are below all numbered
 * versions, as words were. The latest version stays the latest.
 */
export function upgradeVersions(
  name: string,
  stored: readonly ModuleVersion[],
): { versions: ModuleVersion[]; upgraded: UpgradedVersion[] } {
  const versions = new Map(
    stored.filter(isCanonical).map((one) => [one.version, one]),
  );
  const upgraded: UpgradedVersion[] = [];
  const words: ModuleVersion[] = [];
  for (const one of stored) {
    const to = canonicalVersion(one.version);
    if (to === undefined) {
      words.push(one);
    } else if (to !== one.version) {
      const there = versions.get(to);
      if (there !== undefined && there.hash !== one.hash) words.push(one);
      else upgraded.push({ name, from: one.version, to, merged: there !== undefined });
      if (there === undefined) versions.set(to, { ...one, version: to });
    }
  }
  words.sort((a, b) => compareWords(a.version, b.version));
  const names = namesFor(words.map(({ version }) => version));
  for (const [i, one] of words.entries()) {
    const to = names[i]!;
    versions.set(to, { ...one, version: to });
    upgraded.push({ name, from: one.version, to, merged: false });
  }
  return { versions: [...versions.values()], upgraded };
}

function isCanonical({ version }: ModuleVersion): boolean {
  return canonicalVersion(version) === version;
}

/** The order that words had: `build-9` before `build-10`, and all words before what looks like a version. */
function compareWords(a: string, b: string): number {
  const [versionA, versionB] = [canonicalVersion(a), canonicalVersion(b)];
  if (versionA !== undefined && versionB !== undefined) return compareVersions(versionA, versionB);
  if (versionA !== undefined || versionB !== undefined) return versionA === undefined ? -1 : 1;
  return new Intl.Collator("en", { numeric: true }).compare(a, b) || (a < b ? -1 : 1);
}

/** Versions for `words`, in the same order: numbered where semantic versioning would order them otherwise. */
function namesFor(words: readonly string[]): string[] {
  const plain = words.map((word) => asPrerelease(word));
  const ordered = plain.every((one, i) => i === 0 || compareVersions(plain[i - 1]!, one) < 0);
  return ordered ? plain : words.map((word, i) => asPrerelease(word, `${i + 1}.`));
}

/** `v0.0.0-WORD`, with only what a pre-release may have, and cut where it would be too long. */
function asPrerelease(word: string, number = ""): string {
  const text = word.replaceAll("_", "-").split(".").filter((one) => one !== "").map(asIdentifier).join(".");
  for (let length = text.length; length > 0; length--) {
    const version = canonicalVersion(`v0.0.0-${number}${text.slice(0, length)}`);
    if (version !== undefined) return version;
  }
  return `v0.0.0-${number}x`;
}

/** A number in a pre-release has no leading zeros and is a safe integer; anything else becomes a word. */
function asIdentifier(text: string): string {
  return /^\d+$/.test(text) && String(Number(text)) !== text ? `x${text}` : text;
}
