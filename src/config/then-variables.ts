/** The variables in which the command of `get --then` is told what was delivered. They are no settings. */
const THEN_VARIABLES = [
  'SHOAL_PATH',
  'SHOAL_ID',
  'SHOAL_INFO_HASH',
  'SHOAL_NAME',
  'SHOAL_SIZE',
  'SHOAL_SECONDS',
  'SHOAL_DOWNLOADED',
] as const;
export type ThenVariable = (typeof THEN_VARIABLES)[number];

/** Tells whether a variable is one of them, which a command of Shoal finds when it is run by `get --then`. */
export function isThenVariable(variable: string): boolean {
  return THEN_VARIABLES.some((name) => name === variable);
}
