import { type ComfyRequest, openComfyRenderer } from '../../comfyui/index.ts';
import { config } from '../../config.ts';
import { openRenderer, RenderError, type Renderer } from '../../render/index.ts';
import type { RendererName } from '../forms.ts';
import type { PreviewPlan } from '../plan/index.ts';
import { readPreviewSettings } from '../settings/index.ts';

/** What a worker renders with. */
export interface OpenRenderer {
  renderer: Renderer & {
    render(request: ComfyRequest, options?: Parameters<Renderer['render']>[1]): ReturnType<Renderer['render']>;
  };
  /** Whether it has a graphics card. */
  machine(): Promise<PreviewPlan['machine']>;
}

/** Opens what a base version is rendered with, by the settings as they are now. Throws RenderError. */
export async function openByName(name: RendererName): Promise<OpenRenderer> {
  if (name === 'comfyui') {
    const { comfyUrl } = await readPreviewSettings();
    if (comfyUrl === null)
      throw new RenderError('bad_request', 'No ComfyUI address is set under Administration → Previews.');
    const { comfyModels, cacheBytes } = config();
    const sharedFolder = comfyModels === null ? {} : { sharedFolder: { path: comfyModels, maxBytes: cacheBytes } };
    const renderer = openComfyRenderer({ address: comfyUrl, uploads: true, ...sharedFolder });
    return { renderer, machine: async () => 'gpu' };
  }
  const { render } = config();
  const renderer = openRenderer({ ...render, isBackground: true });
  return {
    renderer,
    async machine() {
      // Asked for by name it need not be looked for.
      if (render.provider !== 'auto') return render.provider === 'cpu' ? 'cpu' : 'gpu';
      const states = await renderer.probe();
      return states.some(({ provider, reason }) => provider !== 'cpu' && reason === null) ? 'gpu' : 'cpu';
    },
  };
}
