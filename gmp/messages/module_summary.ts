/** What `module.list` says of a module (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export interface ModuleSummary {
  /** Its name. */
  name: string;
  /** Its versions by semantic versioning, lowest first. */
  versions: string[];
  /** The highest of them. */
  latest: string;
}
