import type { BuiltGraph } from '../onnx/index.ts';
import { type Device, openSession, type Session } from './session.ts';

export type Network = 'text-encoder' | 'unet' | 'vae';

/**
 * The loaded networks. Where they do not fit together, one is let go of before another is loaded; a further session of the
 * same network (another size of picture) always takes the place of the last.
 */
export class SessionCache implements AsyncDisposable {
  readonly #device: Device;
  readonly #fitTogether: boolean;
  readonly #onLoad: (network: Network) => void;
  readonly #sessions = new Map<string, { network: Network; key: string; session: Session }>();
  /** Time that loading took, all in all. */
  loadSeconds = 0;

  constructor(device: Device, { fitTogether, onLoad }: { fitTogether: boolean; onLoad: (network: Network) => void }) {
    this.#device = device;
    this.#fitTogether = fitTogether;
    this.#onLoad = onLoad;
  }

  /**
   * The session of a network, loaded when it is not. `slot` tells sessions of one network apart that are needed side by
   * side (SDXL's two text encoders); `key` says what the graph was built for.
   */
  async get(network: Network, slot: string, key: string, build: () => BuiltGraph): Promise<Session> {
    const place = `${network} ${slot}`;
    const known = this.#sessions.get(place);
    if (known?.key === key) return known.session;
    for (const [other, { network: loaded }] of this.#sessions) {
      if (other === place || (!this.#fitTogether && loaded !== network)) await this.#release(other);
    }
    this.#onLoad(network);
    const start = performance.now();
    const session = await openSession(build(), this.#device);
    this.loadSeconds += (performance.now() - start) / 1000;
    this.#sessions.set(place, { network, key, session });
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const place of [...this.#sessions.keys()]) await this.#release(place);
  }

  async #release(place: string): Promise<void> {
    const entry = this.#sessions.get(place);
    this.#sessions.delete(place);
    await entry?.session.release();
  }
}
