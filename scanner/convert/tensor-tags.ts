import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { Piece } from '../read-forwards.ts';
import { DTYPE_BYTES, type Tensor } from '../tensors/index.ts';
import { countElements, isContiguous } from './layout.ts';
import type { OutputTensor } from './select.ts';

/**
 * An authentication tag of the bytes of each tensor, by its name: AES-GMAC (NIST SP 800-38D) under a key drawn for one
 * comparison. Other bytes have the same tag with a probability of at most 2^-90 whatever they are, and OpenSSL computes it
 * ten times as fast as SHA-256, in sandboxes without addons as well.
 */
export interface TensorTags {
  /** Hexadecimal. */
  key: string;
  /** Hexadecimal. Tensors that are not written as they lie in the source have none. */
  tags: Record<string, string>;
}

/** The tag of bytes that come in order. */
export interface TagStream {
  update(bytes: Uint8Array): void;
  /** Once. */
  finish(): string;
}

export function openTag(key: string, name: string): TagStream {
  // What has the same name has the same bytes, or is refused: so no value is used for two messages that matter.
  const nonce = createHash('sha256').update(name).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-128-gcm', Buffer.from(key, 'hex'), nonce);
  return {
    update: (bytes) => void cipher.setAAD(bytes),
    finish: () => {
      cipher.final();
      return cipher.getAuthTag().toString('hex');
    },
  };
}

/** Whether the bytes to be written are those of the source, in their order. */
export function isWrittenAsItLies({ dtype, source }: OutputTensor): boolean {
  const { bigEndian, sign } = source.storage;
  return dtype === source.dtype && isContiguous(source) && !bigEndian && sign === undefined;
}

/** Many tensors may lie in one storage. Of how many of them tags are computed at a time: each takes some kilobytes. */
const MAX_STARTED = 256;

interface Run {
  name: string;
  /** Where in the file the next byte lies, and where the tensor ends. */
  next: number;
  end: number;
}

/**
 * Computes tags of the tensors of a source while somebody else reads and copies it. It shares no code with the copying:
 * it knows the places of the tensors by itself, and sees what was read before anybody else could have changed it.
 */
export class SourceTags {
  readonly #key = randomBytes(16).toString('hex');
  /** Those that no byte has come of, the first one at the end. */
  readonly #waiting: Run[] = [];
  #started: (Run & { tag: TagStream })[] = [];
  readonly #tags: Record<string, string> = Object.create(null);

  constructor(tensors: readonly OutputTensor[]) {
    for (const tensor of tensors.filter(isWrittenAsItLies)) {
      const { start, bytes } = placeOf(tensor.source);
      if (bytes === 0) this.#tags[tensor.name] = openTag(this.#key, tensor.name).finish();
      else this.#waiting.push({ name: tensor.name, next: start, end: start + bytes });
    }
    this.#waiting.sort((a, b) => b.next - a.next);
  }

  /** The next piece of the source. What lies between two pieces has no tag then. */
  take({ position, bytes }: Piece): void {
    const end = position + bytes.length;
    for (let run = this.#waiting.at(-1); run !== undefined && run.next < end; run = this.#waiting.at(-1)) {
      this.#waiting.pop();
      if (this.#started.length < MAX_STARTED) this.#started.push({ ...run, tag: openTag(this.#key, run.name) });
    }
    this.#started = this.#started.filter((run) => {
      if (run.next < position) return false;
      const until = Math.min(run.end, end);
      run.tag.update(bytes.subarray(run.next - position, until - position));
      run.next = until;
      if (run.next < run.end) return true;
      this.#tags[run.name] = run.tag.finish();
      return false;
    });
  }

  /** The tags of the tensors whose every byte came. One without has to be compared with the source. */
  finish(): TensorTags {
    return { key: this.#key, tags: this.#tags };
  }
}

function placeOf({ dtype, shape, storage }: Tensor): { start: number; bytes: number } {
  const elementBytes = DTYPE_BYTES[dtype];
  return { start: storage.start + storage.offset * elementBytes, bytes: countElements(shape) * elementBytes };
}
