/** The file in a store with the process id of its daemon, which locks it while it runs and removes it when it stops. */
export const PID_FILE = "gpmd.pid";
