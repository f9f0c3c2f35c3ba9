import { type Actor, authorize } from '../../accounts/index.ts';
import { BASES, labelOf } from '../../catalog/index.ts';
import { checkComfy } from '../../comfyui/index.ts';
import { AppError } from '../../errors.ts';
import { RenderError } from '../../render/index.ts';
import { readPreviewSettings } from '../settings/index.ts';
import type { ComfyCheckView } from '../types.ts';

/**
 * Asks the ComfyUI server of the settings what it is and can render. Throws AppError: `conflict` where none is named,
 * `unavailable` where nothing answers, or something else.
 */
export async function checkComfyServer(actor: Actor | null): Promise<ComfyCheckView> {
  authorize(actor, 'previews.manage');
  const { comfyUrl } = await readPreviewSettings();
  if (comfyUrl === null) throw new AppError('conflict', 'No ComfyUI address saved. Save the address first.');
  try {
    const { version, device, missing: lacks } = await checkComfy({ address: comfyUrl });
    const bases = Object.entries(lacks).map(([base, missing]) => ({ base, label: labelOf(BASES, base), missing }));
    return { version, device, bases };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    throw new AppError('unavailable', error.message, { cause: error });
  }
}
