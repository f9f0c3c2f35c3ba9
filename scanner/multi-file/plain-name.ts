/**
 * A name that an index may give a file or folder next to it: one part, nothing that leads elsewhere on any system, and no
 * character that cannot be seen.
 */
export function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    name.length <= 255 &&
    name.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    !/[/\\:\u0000-\u001f\u007f]/.test(name)
  );
}
