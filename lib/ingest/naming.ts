const EXTENSION = /\.(ckpt|pt|pth|bin|safetensors|pkl|zip|gguf|onnx)$/i;

/** A model's first name, from its file's: without extension, underscores as spaces. Never empty. */
export function titleOf(filename: string): string {
  const title = filename.replace(EXTENSION, '').replaceAll('_', ' ').replace(/\s+/g, ' ').trim();
  return (title || filename || 'Untitled').slice(0, 200);
}

/** Letters and digits of a name in lower case, joined by hyphens; `model` where there are none. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60)
      .replace(/-+$/, '') || 'model'
  );
}
