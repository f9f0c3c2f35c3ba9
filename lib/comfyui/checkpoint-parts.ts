import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { RenderError } from '../render/index.ts';
import type { CheckpointParts } from './types.ts';

const TEXT_ENCODERS = ['cond_stage_model.', 'conditioner.embedders.', 'text_encoders.'] as const;
const VAES = ['first_stage_model.', 'vae.'] as const;

/**
 * What a checkpoint holds in addition to its network, by the prefixes under which ComfyUI looks for the parts
 * (comfy/supported_models.py). Throws RenderError `load_mismatch` where the file cannot be read.
 */
export function readCheckpointParts(path: string): CheckpointParts {
  try {
    using source = openFileSource(path);
    const names = [...readSafetensorsHeader(source, { keepsMetadata: false }).header.keys()];
    const holds = (prefixes: readonly string[]) => names.some((name) => prefixes.some((one) => name.startsWith(one)));
    return { textEncoders: holds(TEXT_ENCODERS), vae: holds(VAES) };
  } catch (error) {
    throw new RenderError(
      'load_mismatch',
      `The checkpoint cannot be read: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}
