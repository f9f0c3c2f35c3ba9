import {
  type FoundModel,
  type PassedOver,
  type PassedOverReason,
  type WalkOptions,
  walkCollection,
} from '../layouts/index.ts';

/** What identifies a model without reading it: the path of its first file, and of all of them size and last change. */
export interface ModelStamp {
  path: string;
  /** In bytes. */
  size: bigint;
  mtimeNs: bigint;
  /** Of the first file, as the signed number that a database keeps. */
  inode: bigint;
  /**
   * The last change of anything about one of them, which no program can set; and the device of the first. Null where they
   * are not held against what is found: a copy does not mind that its file got other permissions.
   */
  ctimeNs: bigint | null;
  device: bigint | null;
}

/** The stamp of a model of one or several files. */
export function stampOfModel({ files }: FoundModel): ModelStamp {
  let size = 0n;
  let mtimeNs = 0n;
  let ctimeNs = 0n;
  for (const file of files) {
    size += BigInt(file.size);
    if (file.mtimeNs > mtimeNs) mtimeNs = file.mtimeNs;
    if (file.ctimeNs > ctimeNs) ctimeNs = file.ctimeNs;
  }
  const [first] = files;
  const inode = BigInt.asIntN(64, first?.inode ?? 0n);
  return { path: first?.path ?? '', size, mtimeNs, inode, ctimeNs, device: BigInt.asIntN(64, first?.device ?? 0n) };
}

export interface FolderChanges<Known extends ModelStamp> {
  /** How many are as they were. */
  unchanged: number;
  /** Those of them whose device has another number than before, as it may have after every start of the system. */
  renumbered: { known: Known; model: FoundModel }[];
  added: FoundModel[];
  /** Another size, time or inode under the same path: its bytes may be others. */
  changed: { known: Known; model: FoundModel }[];
  /** Same size, time and inode under another path. */
  moved: { known: Known; model: FoundModel }[];
  vanished: Known[];
  /** In folders that could not be read: nobody can say what became of them. */
  unreachable: Known[];
  passedOver: PassedOver[];
}

/** After these nothing is known of what lies below, or behind. */
const UNREAD: ReadonlySet<PassedOverReason> = new Set([
  'unreadable',
  'read-error',
  'vanished',
  'outside-roots',
  'link-broken',
  'link-outside',
  'bad-settings',
  'too-deep',
]);

/**
 * Compares a folder with what is known of it, in one walk and without reading a file. A folder without any model where
 * some are known counts as one that cannot be read: its disk is not mounted. Throws like `walkCollection`.
 */
export async function compareFolder<Known extends ModelStamp>(
  root: string,
  known: Iterable<Known>,
  options: WalkOptions = {},
): Promise<FolderChanges<Known>> {
  const missing = new Map<string, Known>();
  for (const entry of known) missing.set(entry.path, entry);
  const changes: FolderChanges<Known> = {
    unchanged: 0,
    renumbered: [],
    added: [],
    changed: [],
    moved: [],
    vanished: [],
    unreachable: [],
    passedOver: [],
  };
  const fresh: FoundModel[] = [];
  for await (const step of walkCollection(root, options)) {
    if ('passedOver' in step) {
      changes.passedOver.push(step.passedOver);
      continue;
    }
    const stamp = stampOfModel(step.model);
    const entry = missing.get(stamp.path);
    if (entry === undefined) fresh.push(step.model);
    else if (missing.delete(stamp.path) && isSame(entry, stamp)) {
      changes.unchanged += 1;
      if (entry.device !== null && entry.device !== stamp.device)
        changes.renumbered.push({ known: entry, model: step.model });
    } else changes.changed.push({ known: entry, model: step.model });
  }
  matchMoved(fresh, missing, changes);
  const isEmpty = changes.unchanged + changes.changed.length + changes.moved.length + changes.added.length === 0;
  const unread = unreadPaths(changes.passedOver);
  for (const entry of missing.values())
    (isEmpty || unread.covers(entry.path) ? changes.unreachable : changes.vanished).push(entry);
  return changes;
}

function isSame(one: ModelStamp, other: ModelStamp): boolean {
  const isTouched = one.ctimeNs !== null && one.ctimeNs !== other.ctimeNs;
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.inode === other.inode && !isTouched;
}

/** A file that was moved within its disk keeps all but its path. One of two that are the same is a copy, and new. */
function matchMoved<Known extends ModelStamp>(
  fresh: readonly FoundModel[],
  missing: Map<string, Known>,
  changes: FolderChanges<Known>,
): void {
  const idOf = ({ size, mtimeNs, inode }: ModelStamp) => `${inode}:${size}:${mtimeNs}`;
  const byId = new Map<string, Known>();
  if (fresh.length > 0) for (const entry of missing.values()) byId.set(idOf(entry), entry);
  for (const model of fresh) {
    const id = idOf(stampOfModel(model));
    const entry = byId.get(id);
    if (entry === undefined) changes.added.push(model);
    else if (byId.delete(id) && missing.delete(entry.path)) changes.moved.push({ known: entry, model });
  }
}

function unreadPaths(passedOver: readonly PassedOver[]): { covers: (path: string) => boolean } {
  const isCutShort = passedOver.some(({ why, path }) => why === 'too-many' || (path === '' && UNREAD.has(why)));
  const unread = new Set(passedOver.filter(({ why }) => UNREAD.has(why)).map(({ path }) => path));
  return {
    covers: (path) => {
      if (isCutShort || unread.has(path)) return true;
      if (unread.size === 0) return false;
      // A settings file that cannot be read names folders anywhere.
      if (path.startsWith('/') && passedOver.some(({ why }) => why === 'bad-settings')) return true;
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
        if (unread.has(path.slice(0, end))) return true;
      return false;
    },
  };
}
