import { joinBytePairs } from './byte-pairs.ts';
import { type ClipVocabulary, END_ID, loadClipVocabulary, START_ID } from './clip-vocabulary.ts';
import { checkLength } from './prompt-length.ts';

/** White space as the reference knows it: Unicode's property, which unlike `\s` has U+0085 and lacks U+FEFF. */
const WHITE_SPACE = /\p{White_Space}+/gu;
/** What is one word: a contraction's ending, letters, a single digit, or anything else in a row. */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/**
 * CLIP's byte-pair tokenizer, for all text encoders of SD 1.x, 2.x and SDXL.
 *
 * The reference is `CLIPTokenizer` of transformers 5, which diffusers gives by default: it normalises to NFC, collapses
 * white space and lowers the case letter by letter. The older, slow one let ftfy clean the text first where ftfy was
 * installed (as under A1111), so it turns typographic quotes, ligatures, full-width letters and HTML entities to plain
 * ones, and without ftfy dropped control characters; on plain prompts they agree. OpenCLIP's own tokenizer, which A1111
 * takes for H and G, cleans with ftfy as well; ComfyUI and diffusers take CLIP's there too. diffusers' second tokenizer
 * of SDXL reads every `!` as padding (id 0) because it pads with `!`; ComfyUI and A1111 do not, nor does this one.
 */
export class ClipTokenizer {
  readonly #vocabulary: ClipVocabulary;

  constructor() {
    this.#vocabulary = loadClipVocabulary();
  }

  /**
   * Ids of a text of any length, without start, end and padding. Surrogates that stand alone are read as U+FFFD.
   * Throws RenderError `bad_request` when the text is longer than MAX_PROMPT_LENGTH.
   */
  encode(text: string): number[] {
    checkLength(text);
    // The reference finds the end token before it lowers the case, and the start token after it.
    const parts = text.toWellFormed().split('<|endoftext|>');
    return parts.flatMap((part, index) => {
      const ids = this.#encodePart(part);
      return index === 0 ? ids : [END_ID, ...ids];
    });
  }

  #encodePart(text: string): number[] {
    const ids: number[] = [];
    for (const [index, part] of normalise(text).split('<|startoftext|>').entries()) {
      if (index > 0) ids.push(START_ID);
      for (const [word] of part.matchAll(WORD)) {
        for (const id of joinBytePairs(utf8.encode(word), this.#vocabulary)) ids.push(id);
      }
    }
    return ids;
  }
}

const utf8 = new TextEncoder();

function normalise(text: string): string {
  const spaced = compose(text).replace(WHITE_SPACE, ' ');
  // Letter by letter, because a whole word's Σ would become ς at its end.
  return /^\p{ASCII}*$/u.test(spaced) ? spaced.toLowerCase() : Array.from(spaced, (c) => c.toLowerCase()).join('');
}

/** NFC. Sorting combining marks takes time with the square of their number, so runs no language has go in portions. */
function compose(text: string): string {
  if (!/\p{M}{500}/u.test(text)) return text.normalize('NFC');
  const portions = text.match(/\P{M}*\p{M}{1,500}|\P{M}+/gu) ?? [];
  return portions.map((portion) => portion.normalize('NFC')).join('');
}
