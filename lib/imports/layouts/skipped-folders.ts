import type { PassedOverReason } from './types.ts';

/** Folders by their exact names in lower case, whatever the layout. */
const BY_NAME = new Map<string, PassedOverReason>([
  ...['$recycle.bin', 'recycler', '#recycle', '@recycle', 'trash', '.trash', '.trashes'].map(named('trash')),
  // What NAS systems and file systems keep next to people's files.
  ...['system volume information', 'lost+found', '@eadir', '#snapshot', '@recently-snapshot', '__macosx'].map(
    named('trash'),
  ),
  ...['node_modules', 'site-packages', 'dist-packages', '__pycache__', 'python_embeded', 'python_embedded'].map(
    named('software'),
  ),
  ...['venv', 'virtualenv', 'miniconda3', 'anaconda3', 'torch_compile_debug'].map(named('software')),
  ...['__pypackages__', 'pip-cache', 'thumbnails'].map(named('cache')),
]);

function named(why: PassedOverReason): (name: string) => [string, PassedOverReason] {
  return (name) => [name, why];
}

/** Why a folder of this name is not looked into; null for any other. */
export function skipFolder(name: string): PassedOverReason | null {
  const lower = name.toLowerCase();
  const known = BY_NAME.get(lower) ?? (/^\.trash-\d+$/.test(lower) ? 'trash' : undefined);
  if (known !== undefined) return known;
  if (lower === '.cache') return 'cache';
  return name.startsWith('.') ? 'hidden' : null;
}

/** Where programs put what they generate, next to their models. */
export const OUTPUT_FOLDERS: ReadonlySet<string> = new Set(['outputs', 'output', 'images', 'temp', 'log', 'tmp']);

/** A file in a folder of Python's that nobody has to name `venv`. */
export const ENVIRONMENT_MARKS: ReadonlySet<string> = new Set(['pyvenv.cfg', 'conda-meta']);
