import { Code, Text } from '@mantine/core';

/** The folders in which the two most used programs look for each type of model. */
const FOLDERS: Record<string, { a1111: string; comfy: string }> = {
  checkpoint: { a1111: 'models/Stable-diffusion', comfy: 'models/checkpoints' },
  lora: { a1111: 'models/Lora', comfy: 'models/loras' },
  embedding: { a1111: 'embeddings', comfy: 'models/embeddings' },
  hypernetwork: { a1111: 'models/hypernetworks', comfy: 'models/hypernetworks' },
  vae: { a1111: 'models/VAE', comfy: 'models/vae' },
  controlnet: { a1111: 'models/ControlNet', comfy: 'models/controlnet' },
  'text-encoder': { a1111: 'models/text_encoder', comfy: 'models/text_encoders' },
  'image-encoder': { a1111: 'models/ControlNetPreprocessor', comfy: 'models/clip_vision' },
  upscaler: { a1111: 'models/ESRGAN', comfy: 'models/upscale_models' },
};

/** Where the downloaded file has to lie to be found. */
export function WhereToPut({ type }: { type: string }) {
  const folders = FOLDERS[type];
  if (folders === undefined) return null;
  return (
    <Text size="xs" c="dimmed" className="wrap">
      Save it to <Code>{folders.a1111}</Code> (AUTOMATIC1111) or <Code>{folders.comfy}</Code> (ComfyUI).
    </Text>
  );
}
