import pickleparser from 'pickleparser';
import { MalformedTensors } from './errors.ts';
import { createPlaceholder, InertObject, isPlaceholder, type Placeholder, StorageHandle } from './inert.ts';
import { normalisePickle } from './normalise-pickle.ts';

export interface GraphOptions {
  /** What a persistent id stands for; that of `torch.save` since 0.2 where left out. */
  resolveId?: (id: unknown) => unknown;
  /** Hears of every storage that the pickle names. */
  onStorage?: (handle: StorageHandle) => void;
}

/**
 * Rebuilds the object that a pickle describes, out of Maps, arrays, plain values and the classes of `inert.ts`.
 * Throws MalformedTensors where the pickle cannot be read to its end.
 */
export function rebuildGraph(
  bytes: Uint8Array,
  { resolveId = resolvePersistentId, onStorage }: GraphOptions = {},
): unknown {
  const standins = new Map<string, Placeholder>();
  const resolveGlobal = (module: unknown, name: unknown): Placeholder => {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new MalformedTensors('The pickle has a class name that is not text.');
    }
    const id = `${module}\n${name}`;
    const standin = standins.get(id) ?? createPlaceholder(module, name);
    standins.set(id, standin);
    return standin;
  };

  const parser = new pickleparser.Parser({
    unpicklingTypeOfDictionary: 'Map',
    unpicklingTypeOfSet: 'Set',
    nameResolver: { resolve: resolveGlobal },
    persistentResolver: {
      resolve(id) {
        const value = resolveId(id);
        if (value instanceof StorageHandle) onStorage?.(value);
        return value;
      },
    },
    extensionResolver: { resolve: (code) => createPlaceholder('copyreg', `extension_${code}`) },
  });

  try {
    return parser.parse<unknown>(normalisePickle(bytes));
  } catch (error) {
    if (error instanceof MalformedTensors) throw error;
    throw new MalformedTensors('The pickle is invalid: its instructions do not match.', {
      cause: error,
    });
  }
}

/**
 * `('storage', class, key, location, elements[, view])` of `torch.save`, where `view` is `(key, offset, size)` or None;
 * `('module', class, file, source)` of pickled modules stands for its class.
 */
function resolvePersistentId(id: unknown): unknown {
  if (!Array.isArray(id)) return new InertObject('persistent id', [id]);
  const [kind, first, key, , elements, view] = id as unknown[];
  if (kind === 'module' && isPlaceholder(first)) return first;
  if (kind !== 'storage' || !isPlaceholder(first) || typeof elements !== 'number') {
    return new InertObject('persistent id', id);
  }
  if (Array.isArray(view) && typeof view[1] === 'number' && typeof view[2] === 'number') {
    return new StorageHandle(first.className, String(key), view[2], view[1]);
  }
  return new StorageHandle(first.className, String(key), elements, 0);
}
