import { MAX_LINKS } from "../../wasi/mod.ts";
import { parentOf } from "./paths.ts";

/** What decides where the links of a tree lead. */
export interface Node {
  readonly type: string;
  /** A link's target. */
  readonly target?: string;
}

/** A tree of files by path. */
type Nodes = ReadonlyMap<string, Node>;

/**
 * The paths of `changed` links that must not be made in the tree `after`, because they would make a link lead
 * out of it: the link itself, or another that was harmless in the tree `before` and now goes through it.
 */
export function outgoingLinks(before: Nodes, after: Nodes, changed: ReadonlySet<string>): Set<string> {
  const outgoing = new Set<string>();
  if (changed.size === 0) return outgoing;
  const tree = new Map(after);
  const leaveOut = (path: string) => {
    outgoing.add(path);
    // What was there stays.
    const old = before.get(path);
    if (old === undefined) tree.delete(path);
    else tree.set(path, old);
  };
  for (let found = true; found;) {
    found = false;
    for (const [path, { type }] of tree) {
      if (type !== "link") continue;
      const { leadsOut, through } = follow(tree, path);
      if (!leadsOut) continue;
      const isChanged = (link: string) => changed.has(link) && !outgoing.has(link);
      const guilty = isChanged(path) ? [path] : follow(before, path).leadsOut
        ? [] // as the user wanted
        : through.filter(isChanged);
      guilty.forEach(leaveOut);
      found ||= guilty.length > 0;
    }
  }
  return outgoing;
}

/** Where the link at `path` leads, and which other links it goes through. */
function follow(tree: Nodes, path: string): { leadsOut: boolean; through: string[] } {
  const through: string[] = [];
  let current = parentOf(path);
  /** Whether `current` is a directory of the tree, so that we know what is above it. */
  let isDirectory = true;
  let followed = 0;
  const names = namesOf(tree.get(path)?.target ?? "");
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "/") return { leadsOut: true, through };
    if (name === "" || name === ".") continue;
    if (name === "..") {
      // A name that is not a directory today may be a link to one tomorrow.
      if (current === "" || !isDirectory) return { leadsOut: true, through };
      current = parentOf(current);
      continue;
    }
    const next = current === "" ? name : `${current}/${name}`;
    const node = tree.get(next);
    if (node?.type !== "link") {
      current = next;
      isDirectory = node?.type === "directory";
      continue;
    }
    through.push(next);
    // Nobody can follow it.
    if (++followed > MAX_LINKS) return { leadsOut: false, through };
    names.push(...namesOf(node.target!));
  }
  return { leadsOut: false, through };
}

/** The names of a path, the first one last, and before them `/` when it is absolute. */
function namesOf(target: string): string[] {
  const names = target.split("/").reverse();
  const isAbsolute = target.startsWith("/") || Deno.build.os === "windows" && /^\\|^[a-z]:|\\/i.test(target);
  return isAbsolute ? [...names, "/"] : names;
}
