/** Where the file lay in the folder that was selected; its name where it was selected itself. */
export function pathOf(file: File & { relativePath?: string }): string {
  return file.relativePath ?? (file.webkitRelativePath || file.name);
}

/** False where the file was changed, moved or deleted since it was selected: the browser then refuses to read it. */
export async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
