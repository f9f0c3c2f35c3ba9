import type { ByteSource } from '../source.ts';
import type { Appearance } from './kinds.ts';
import { isBitmap, isPythonByteCode, MARKS } from './marks.ts';
import { isSentencePiece } from './sentencepiece.ts';
import { isText } from './text.ts';

const HEAD_BYTES = 4096;
/** A text is read no further where a glance will do. */
const GLANCE_BYTES = 16 * 1024;

const RUNS = /<script|<iframe|<object|<embed|<\?php|<hta:|javascript:|vbscript:|\son\w+\s*=/i;
const WEB_PAGE = /^\s*(?:<!doctype html|<html|<head|<\?xml[^>]*>\s*<html)/i;
const MARKUP = /^(?:\xef\xbb\xbf)?\s*</;
const JSON_DOCUMENT = /^\s*[[{]\s*["[{\]}\d]/;

/**
 * What a file is that no model loader reads, by its content alone. `length` is how far a text is read: all of it for a
 * judgement, a beginning to say what a file looks like.
 */
export function appearanceOf(source: ByteSource, length = GLANCE_BYTES): Appearance {
  if (source.size === 0) return { kind: 'empty', what: 'an empty file' };
  const bytes = source.read(0, HEAD_BYTES);
  if (bytes.every((byte) => byte === 0))
    return { kind: 'zeros', what: 'a file that contains only zeros, probably an incomplete download' };
  const head = Buffer.from(bytes).toString('latin1');
  const marked = MARKS.find(([at, mark]) => head.startsWith(mark, at));
  if (marked !== undefined) return { kind: marked[2], what: marked[3] };
  if (isPythonByteCode(bytes)) return { kind: 'program', what: 'compiled Python code' };
  if (isBitmap(bytes, source.size)) return { kind: 'picture', what: 'a BMP image' };
  if (isSentencePiece(source)) return { kind: 'tokenizer', what: 'a SentencePiece tokenizer' };
  if (!isText(source, length)) return { kind: 'unknown', what: null };
  return describeText(source, head);
}

function describeText(source: ByteSource, head: string): Appearance {
  const isWebPage = WEB_PAGE.test(head);
  if (MARKUP.test(head)) {
    // A script may stand anywhere in it.
    const whole = Buffer.from(source.read(0, source.size)).toString('latin1');
    if (RUNS.test(whole)) {
      return { kind: 'web-page', what: isWebPage ? WEB_PAGE_WORDS : 'a document with scripts in it' };
    }
    return { kind: 'text', what: isWebPage ? WEB_PAGE_WORDS : 'an XML document' };
  }
  return { kind: 'text', what: JSON_DOCUMENT.test(head) ? 'a JSON document' : 'a text file' };
}

const WEB_PAGE_WORDS = 'a web page, perhaps a login page that was saved instead of the file';
