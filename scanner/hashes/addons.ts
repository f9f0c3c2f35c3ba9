/** Whether native addons may be loaded: not under Node's permission model without `--allow-addons`. */
export function mayLoadAddons(): boolean {
  return process.permission === undefined || process.permission.has('addon');
}
