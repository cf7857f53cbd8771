/** The thing that was found in place of an answer. */
export interface Finding {
  /** A clause, to stand behind what was attempted: `nobody listens there`. */
  readonly found: string;
  /** A sentence on what to do about it; absent where nothing more can be said. */
  readonly advice?: string;
  /** `true` when asking again is of no use, as far as can be told. */
  readonly isHopeless?: boolean;
}

/** The advice where nobody answers. */
export const IS_IT_RUNNING = 'Is the tracker running, and is that its address?';
/** The advice where something answers that is no tracker. */
export const IS_IT_THE_ADDRESS = 'Is that the address of a tracker?';
/** The advice where TLS is spoken, and was not asked for. */
export const USE_HTTPS = 'Begin its address with https://.';
