/** The hidden subcommand with which a compiled `gpmd` installs its service. */
export const SERVICE_SUBCOMMAND = "__service";
