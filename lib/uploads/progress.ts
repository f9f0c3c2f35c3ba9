import { db } from '../db/index.ts';
import { publishAll } from '../events/index.ts';
import { log } from '../log.ts';

const INTERVAL_MS = 1000;

/** Records and announces once a second how far the uploads are that this process receives, all in two statements. */
export class ProgressRecorder {
  #offsets = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  /** Where an upload is now, in bytes. */
  report(id: string, offset: number): void {
    this.#offsets.set(id, offset);
    this.#timer ??= setTimeout(() => void this.#record(), INTERVAL_MS);
  }

  /** For an upload that has ended. */
  forget(id: string): void {
    this.#offsets.delete(id);
  }

  async #record(): Promise<void> {
    const offsets = this.#offsets;
    this.#offsets = new Map();
    this.#timer = null;
    try {
      const rows = await db().$queryRaw<{ id: string; userId: string }[]>`
        UPDATE upload SET "offset" = received.at, "updatedAt" = now()
        FROM unnest(${[...offsets.keys()]}::text[], ${[...offsets.values()]}::bigint[]) AS received(id, at)
        WHERE upload.id = received.id AND upload.state = 'receiving'
        RETURNING upload.id, upload."userId"`;
      if (rows.length === 0) return;
      await publishAll(
        db(),
        rows.map(({ id, userId }) => ({ kind: 'upload', uploadId: id, userId })),
      );
    } catch (error) {
      // The next piece says it.
      log('uploads').warn({ error: (error as Error).message }, 'The progress of uploads could not be recorded.');
    }
  }
}
