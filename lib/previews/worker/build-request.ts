import type { ComfyRequest } from '../../comfyui/index.ts';
import type { ModelFileRef } from '../../render/index.ts';
import type { PreviewPlan, TilePlan } from '../plan/index.ts';

/** Where the files of a preview lie on this machine. */
export interface PreviewFiles {
  host: string;
  /** The file under preview; the host itself for a checkpoint. */
  own: string;
  /** Those of them that others can change. */
  changeable: ReadonlySet<string>;
}

/** What a renderer is asked for. It holds what ComfyUI needs as well. */
export function buildRequest(
  { subject, host }: PreviewPlan,
  { role, tiles }: TilePlan,
  files: PreviewFiles,
  sha256: string,
): ComfyRequest {
  const own: ModelFileRef = { path: files.own, name: subject.name };
  const { prediction } = host;
  return {
    base: subject.base,
    files: [
      { path: files.host, sha256: host.sha256, isChangeable: files.changeable.has(files.host) },
      ...(files.own === files.host ? [] : [{ path: files.own, sha256, isChangeable: files.changeable.has(files.own) }]),
    ],
    checkpoint: { path: files.host, name: host.name },
    ...(role === 'vae' ? { vae: own } : {}),
    loras: role === 'lora' ? [own] : [],
    embeddings: role === 'embedding' ? [{ ...own, token: subject.name }] : [],
    ...(prediction === 'v' || prediction === 'epsilon' ? { prediction } : {}),
    tiles: tiles.map(({ request }) => request),
  };
}
