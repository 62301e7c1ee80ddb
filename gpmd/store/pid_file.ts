/** The file in a store that a daemon has locked while it runs, with its process id; it is removed when the daemon stops. */
export const PID_FILE = "gpmd.pid";
