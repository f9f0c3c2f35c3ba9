// Where the project is, and the Node that it brings. Runs on any Node from 20 on and loads next to nothing: each
// `weighhouse` command begins here.
const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
const { basename, dirname, join } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Node that the project brings: the program itself, so that signals and the channel to the parent reach it. */
export const nodeCommand = findNode();

/** In a clone below it; where the project is somebody's dependency npm may have put it in a neighbouring folder. */
function findNode() {
  const program = join('node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const own = join(root, 'node_modules', program);
  const sibling = join(dirname(root), program);
  return !existsSync(own) && basename(dirname(root)) === 'node_modules' && existsSync(sibling) ? sibling : own;
}

/** Whether the running Node has what the project asks of the one it brings: the version in package.json, or a newer one. */
export function isNewEnough(version = process.versions.node) {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = dependencies.node.replace(/^\D+/, '').split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
