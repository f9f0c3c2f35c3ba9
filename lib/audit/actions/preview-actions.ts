import { z } from 'zod';
import { BASES, labelOf } from '../../catalog/client.ts';
import type { PreviewState } from '../../db/index.ts';
import { defineAction, word } from './define.ts';
import { listed, listWords, type Named, named, type Phrase, phrase } from './phrase.ts';

const profile = z.object({ version: z.number(), data: z.record(z.string(), z.unknown()) });
const settings = z.object({
  references: z.record(z.string(), z.number()),
  renderers: z.record(z.string(), z.string()),
  comfyUrl: z.string().nullable(),
});

/** What is done to previews and to how they are rendered. */
export const PREVIEW_ACTIONS = {
  'preview.state': defineAction({
    subject: 'preview',
    label: 'Changed the state of a preview',
    before: z.object({ state: word<PreviewState>() }).optional(),
    after: z.object({
      state: word<PreviewState>(),
      worker: z.string().optional(),
      code: z.string().optional(),
      message: z.string().optional(),
      reason: z.string().optional(),
    }),
    say: ({ subject, after }) => {
      const because = [after.message, after.reason].filter((text) => text !== undefined && text !== '');
      return phrase`${sayPreview(subject, after.state)}${because.length === 0 ? '' : `: ${because.join(' ')}`}`;
    },
  }),
  'preview-profile.edit': defineAction({
    subject: 'preview-profile',
    label: 'Edited a preview profile',
    before: profile,
    after: profile,
    say: ({ subject, before, after }) => {
      const changes = Object.keys(after.data).flatMap((key) => sayField(key, before.data[key], after.data[key]));
      return changes.length === 0
        ? phrase`saved the preview profile ${subject} unchanged`
        : phrase`edited the preview profile ${subject}: ${listWords(changes)}`;
    },
  }),
  'previews.settings': defineAction({
    subject: 'setting',
    label: 'Changed the preview settings',
    before: settings,
    after: settings,
    say: ({ before, after }) => {
      const changes = listSettings(before, after);
      return changes.length === 0
        ? phrase`saved the preview settings unchanged`
        : phrase`changed the preview settings: ${listed(changes)}`;
    },
  }),
};

function sayPreview(subject: Named, state: PreviewState): Phrase {
  switch (state) {
    case 'queued':
      return phrase`queued the preview of ${subject}`;
    case 'waiting_for_base':
      return phrase`put off the preview of ${subject} until a checkpoint is available`;
    case 'rendering':
      return phrase`started to render the preview of ${subject}`;
    case 'done':
      return phrase`rendered the preview of ${subject}`;
    case 'failed':
      return phrase`failed to render the preview of ${subject}`;
    case 'not_applicable':
      return phrase`found that the preview of ${subject} is not supported`;
    case 'cancelled':
      return phrase`cancelled the preview of ${subject}`;
    default:
      return phrase`changed the preview of ${subject} to “${state}”`;
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  cfgScale: 'CFG',
  clipSkip: 'clip skip',
  negativePrompt: 'negative prompt',
  adapterSeeds: 'adapter seeds',
  loraWeights: 'LoRA weights',
  cpu: 'values without a GPU',
};

function sayField(key: string, before: unknown, after: unknown): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const title = Object.hasOwn(FIELDS, key) ? String(FIELDS[key]) : key;
  const isShort = [before, after].every((value) => typeof value === 'number' || typeof value === 'string');
  return [isShort && key !== 'negativePrompt' ? `${title} from ${before} to ${after}` : title];
}

function listSettings(before: z.infer<typeof settings>, after: z.infer<typeof settings>): Phrase[] {
  const changes: Phrase[] = [];
  const changed = (one: Record<string, unknown>, other: Record<string, unknown>) =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((base) => one[base] !== other[base]);
  for (const base of changed(before.references, after.references)) {
    const modelId = after.references[base];
    changes.push(
      modelId === undefined
        ? phrase`no reference checkpoint for ${labelOf(BASES, base)}`
        : phrase`the reference checkpoint for ${labelOf(BASES, base)} is ${named('model', modelId)}`,
    );
  }
  for (const base of changed(before.renderers, after.renderers)) {
    const renderer = after.renderers[base] === 'comfyui' ? 'ComfyUI' : 'the built-in renderer';
    changes.push(phrase`${labelOf(BASES, base)} is rendered with ${renderer}`);
  }
  if (before.comfyUrl !== after.comfyUrl)
    changes.push([after.comfyUrl === null ? 'no ComfyUI server' : `the ComfyUI server is ${after.comfyUrl}`]);
  return changes;
}
