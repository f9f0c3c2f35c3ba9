/** Next calls it with each error in a page, and `app/page-outage.ts` listens. It imports nothing: Next loads it at its start. */
export function onRequestError(error: unknown): void {
  const listener: unknown = Reflect.get(globalThis, Symbol.for('weighhouse.page-error'));
  if (typeof listener === 'function') listener(error);
}
