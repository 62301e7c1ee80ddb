/** The exit code of a daemon that is to be started again: `EX_TEMPFAIL` of sysexits.h. */
export const RESTART_EXIT_CODE = 75;
