import { ServerResponse } from 'node:http';

/** An answer that stands in for another one. */
export interface StandIn {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** An answer of which the web framework's page about an unexpected error can be replaced, at the moment it would be sent. */
export class ReplaceableResponse extends ServerResponse {
  #standIn: (() => StandIn | null) | null = null;
  #isReplaced = false;

  /** What is asked, once, when status 500 is about to be sent; null leaves it. */
  replaceFailure(standIn: () => StandIn | null): void {
    this.#standIn = standIn;
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const standIn = status === 500 && !this.headersSent ? this.#standIn?.() : null;
    if (!standIn) return super.writeHead(status, ...(rest as never[]));
    this.#isReplaced = true;
    for (const name of this.getHeaderNames()) this.removeHeader(name);
    super.writeHead(standIn.status, { ...standIn.headers, 'content-length': Buffer.byteLength(standIn.body) });
    super.end(standIn.body);
    return this;
  }

  override flushHeaders(): void {
    if (!this.#replaces()) super.flushHeaders();
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    return this.#replaces() || super.write(chunk as never, encoding as never, callback as never);
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    return this.#replaces() ? this : super.end(chunk as never, encoding as never, callback as never);
  }

  /** Whether what would be sent now is not, because something else was. */
  #replaces(): boolean {
    // Node would call it in the middle of sending the first bytes.
    if (this.#standIn !== null && !this.headersSent && this.statusCode === 500) this.writeHead(500);
    return this.#isReplaced;
  }
}

/** Sends it in place of anything else. */
export function sendStandIn({ status, headers, body }: StandIn, response: ServerResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
