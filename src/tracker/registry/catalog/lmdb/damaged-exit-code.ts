/** The exit code of a process that could not read a catalog to its end. No other failure of Node has it. */
export const DAMAGED_EXIT_CODE = 64;
