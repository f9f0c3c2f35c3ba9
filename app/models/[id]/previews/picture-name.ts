import { visibleText } from '#app/components/visible-text.ts';
import type { PictureView } from '#lib/previews/client.ts';

const MAX_PROMPT = 60;

/**
 * What a picture is called: what was rendered here has its label, what people uploaded is told by them and its prompt.
 */
export function pictureName({
  label,
  uploader,
  parameters,
}: Pick<PictureView, 'label' | 'uploader' | 'parameters'>): string {
  if (label !== '') return visibleText(label);
  const prompt = parameters?.prompt?.replace(/\s+/g, ' ').trim() ?? '';
  const start = prompt.length > MAX_PROMPT ? `${prompt.slice(0, MAX_PROMPT).trimEnd()}…` : prompt;
  return visibleText([uploader === null ? 'Image' : `Image by ${uploader}`, start].filter(Boolean).join(': '));
}
