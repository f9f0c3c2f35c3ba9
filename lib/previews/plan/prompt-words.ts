import type { PreviewSubject } from './preview-plan.ts';

const MAX_STATED = 3;
const MAX_LENGTH = 200;
/** What people call embeddings that are made for the negative prompt. */
const NEGATIVE_NAME = /neg|bad|worst|ugly|deform/i;

type Triggers = PreviewSubject['triggers'];

/** Those that go into a prompt: the stated ones, or the first of those that only look like trigger words. */
function chooseTriggers(triggers: Triggers): Triggers {
  const stated = triggers.filter(({ isStated }) => isStated).slice(0, MAX_STATED);
  return stated.length > 0 ? stated : triggers.slice(0, 1);
}

/** A word out of a file as it may stand in a prompt: one line, and without brackets that prompts give a meaning. */
function cleanWord(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[<>()[\]{}]/g, '')
    .trim()
    .slice(0, MAX_LENGTH);
}

/** Puts a LoRA's trigger words before a prompt. */
export function addTriggers(prompt: string, triggers: Triggers): string {
  const words = chooseTriggers(triggers)
    .map(({ text }) => cleanWord(text))
    .filter((word) => word !== '');
  return [...words, prompt].join(', ');
}

/** Says which words were put there, and how sure they are. */
export function triggerNotes(triggers: Triggers): string[] {
  const chosen = chooseTriggers(triggers);
  const words = chosen.map(({ text }) => `“${cleanWord(text)}”`).join(', ');
  if (chosen.length === 0) return ['No trigger words are known, so the prompt contains none.'];
  return chosen.every(({ isStated }) => isStated)
    ? [`Trigger words in the prompt: ${words}.`]
    : [`Trigger words in the prompt: ${words}. They were inferred from the training captions.`];
}

interface Prompts {
  prompt: string;
  negativePrompt: string;
}

/** The prompts of an embedding's two columns: as they are, and with its token where its name says that it belongs. */
export function embeddingPrompts(
  prompts: Prompts,
  token: string,
): { without: Prompts; used: Prompts; isNegative: boolean } {
  const isNegative = NEGATIVE_NAME.test(token);
  const used = isNegative
    ? { ...prompts, negativePrompt: [token, prompts.negativePrompt].filter((text) => text !== '').join(', ') }
    : { ...prompts, prompt: [token, prompts.prompt].join(', ') };
  return { without: prompts, used, isNegative };
}
