import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { register } from 'node:module';

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/**
 * Stands in for the peers of package `@thaunknown/simple-peer`, which want a compiled library: it makes offers, answers
 * those that it is given, and is connected when the answer is one to its own offer. Whatever a tracker has to do with
 * WebRTC is in that.
 */
export default class StubPeer extends EventEmitter {
  static readonly WEBRTC_SUPPORT = true;
  /** Set by the client: of the other end, in hex. */
  id: string | undefined;
  // As long as one with some candidates, and with characters that JSON escapes.
  readonly #offer = `v=0\r\no="${randomUUID()}" \u00e9\u20ac\u{1f600}\r\n${'a=candidate\r\n'.repeat(60)}`;

  constructor({ initiator = false }: { readonly initiator?: boolean } = {}) {
    super();
    if (initiator) queueMicrotask(() => this.emit('signal', { type: 'offer', sdp: this.#offer }));
  }

  signal({ type, sdp }: Description): void {
    if (type === 'offer') this.emit('signal', { type: 'answer', sdp: `answer to ${sdp}` });
    const isConnected = type === 'offer' || sdp === `answer to ${this.#offer}`;
    if (isConnected) this.emit('connect');
    else this.emit('error', new Error('The answer is to another offer'));
  }

  destroy(): void {}
}

/** Puts it in the place of the package, for what is imported from then on. */
export function stubWebRtc(): void {
  const hooks = `export const resolve = (specifier, context, next) =>
    specifier === '@thaunknown/simple-peer/lite.js'
      ? { url: ${JSON.stringify(import.meta.url)}, shortCircuit: true }
      : next(specifier, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
