/**
 * The extended message ids that peers send us: 0 is fixed, the others are those we give out in our `m`. A message with
 * any other id is to be ignored.
 *
 * @see BEP 10
 */
export const ExtendedId = {
  handshake: 0,
  /** @see BEP 54 */
  dontHave: 1,
} as const;
