import { storageElement } from './torch-types.ts';
import { asCount, childrenOf, type StorageReference, type Value } from './values.ts';

/** `('storage', class, key, location, elements[, view])` (PyTorch `torch/serialization.py`). */
export function readStorage(id: Value): StorageReference | null {
  if (id.kind !== 'tuple' || id.items.length < 5 || id.items.length > 6) return null;
  const [tag, type, key, location, elements, viewValue] = id.items;
  if (tag?.kind !== 'str' || tag.text !== 'storage' || location?.kind !== 'str') return null;
  if (type?.kind !== 'global' || type.class !== 'reference-only' || !type.canonical.endsWith('Storage')) return null;
  const count = asCount(elements);
  if (count === null) return null;
  const name = key?.kind === 'str' ? key.text : key?.kind === 'int' ? String(key.value) : null;
  if (name === null) return null;
  const view = readView(viewValue);
  const known = storageType(type.canonical);
  if (view === null || count < 0 || storageElement(known) === null) return null;
  return { type: known, key: name, elements: count, view: view === 'whole' ? null : view };
}

/** `(key, offset, size)` of a part, in elements. */
function readView(value: Value | undefined): StorageReference['view'] | 'whole' {
  if (value === undefined || value.kind === 'none') return 'whole';
  if (value.kind !== 'tuple' || value.items.length !== 3) return null;
  const [key, offset, elements] = value.items;
  const [start, count] = [asCount(offset), asCount(elements)];
  return key?.kind === 'str' && start !== null && count !== null
    ? { key: key.text, offset: start, elements: count }
    : null;
}

/** One text for each class of storage, of which the allow-list has few, instead of one for each tensor. */
const STORAGE_TYPES = new Map<string, string>();

function storageType(canonical: string): string {
  const known = STORAGE_TYPES.get(canonical);
  if (known !== undefined) return known;
  const type = canonical.slice(canonical.lastIndexOf('.') + 1);
  STORAGE_TYPES.set(canonical, type);
  return type;
}

/** `('module', class, source file, source)`: the class itself has its own finding. */
export function isModuleSource(id: Value): boolean {
  const [tag] = childrenOf(id);
  return id.kind === 'tuple' && id.items.length === 4 && tag?.kind === 'str' && tag.text === 'module';
}
