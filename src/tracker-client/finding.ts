/** The result of a call that brought no good response, in words for a user. */
export interface Finding {
  /** A clause to follow the attempt: `nobody listens there`. */
  readonly found: string;
  /** A sentence on what the user can do; `undefined` when there is no advice. */
  readonly advice?: string;
  /** Whether another try is very likely of no use. */
  readonly isHopeless?: boolean;
}

/** The advice when nobody answers. */
export const IS_IT_RUNNING = 'Is the tracker running, and is that its address?';
/** The advice when the server that answers is no tracker. */
export const IS_IT_THE_ADDRESS = 'Is that the address of a tracker?';
/** The advice when the server speaks TLS and the address does not ask for it. */
export const USE_HTTPS = 'Begin its address with https://.';
