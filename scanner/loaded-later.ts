const loaders: (() => unknown)[] = [];
let whenMissing: (() => never) | null = null;

/**
 * Something that takes long to read from disk and is wanted for few files: read when it is first asked for. Whoever cannot
 * read it then calls `loadAll` before.
 */
export function loadedLater<T>(load: () => T): () => T {
  let loaded: { value: T } | undefined;
  const get = () => {
    if (loaded === undefined) {
      whenMissing?.();
      loaded = { value: load() };
    }
    return loaded.value;
  };
  loaders.push(get);
  return get;
}

/** From now on nothing is loaded: whoever asks for what is not there calls this, which ends the process. */
export function forbidLoading(onMissing: () => never): void {
  whenMissing = onMissing;
}

/** Reads all that the modules which are loaded would read later. */
export function loadAll(): void {
  for (const load of loaders) load();
}
