/** The hidden subcommand with which a compiled `gpmd` runs as its link. */
export const LINK_SUBCOMMAND = "__link";
/** The hidden subcommand with which a compiled `gpmd` runs as the keeper of its link. */
export const KEEPER_SUBCOMMAND = "__keeper";
