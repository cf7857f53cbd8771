/**
 * The ids of extended messages that peers send us. 0 is fixed, and our `m` tells peers the others. A message with any
 * other id is ignored.
 *
 * @see BEP 10
 */
export const ExtendedId = {
  handshake: 0,
  /** @see BEP 54 */
  dontHave: 1,
} as const;
