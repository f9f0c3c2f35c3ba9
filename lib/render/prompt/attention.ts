/** A stretch of a prompt with one weight, or the beginning of a new chunk. */
export type PromptPiece = { kind: 'text'; text: string; weight: number } | { kind: 'break' };

/** Brackets nested deeper are matched and change no weight any more, which keeps hostile prompts at linear time. */
export const MAX_BRACKET_DEPTH = 100;
/** Weights go no further, whatever is multiplied: beyond it the numbers of the text encoder overflow. */
export const MAX_WEIGHT = 10_000;

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/**
 * A1111's syntax for attention: `(a)` weighs 1.1 times as much, `[a]` that much less, `(a:1.3)` what it says, `\` takes
 * the meaning from a bracket, and `BREAK` as a word of its own begins a new chunk. Both kinds of brackets are matched
 * apart from each other; what closes nothing is text, and what is never closed counts to the end.
 *
 * Unlike A1111 a `BREAK` inside brackets breaks too (there it becomes the word with a negative weight), and a weight that
 * is no number, such as `1.2.3`, is text (there the picture fails). Prompt editing `[a:b:0.5]` and alternation `[a|b]`
 * change with the steps and are not interpreted: they are text in square brackets, and `AND` is a word.
 */
export function parseAttention(prompt: string): PromptPiece[] {
  const pieces: PromptPiece[] = [];
  const round: number[] = [];
  const square: number[] = [];
  const weigh = (opened: number[], factor: number) => {
    const from = opened.pop()!;
    if (opened.length < MAX_BRACKET_DEPTH) multiply(pieces, from, factor);
  };
  for (let at = 0; at < prompt.length; ) {
    const end = endOfSymbol(prompt, at);
    const symbol = prompt.slice(at, end);
    const weight = symbol.length > 1 && symbol.startsWith(':') ? Number(symbol.slice(1, -1)) : undefined;
    at = end;
    if (symbol.startsWith('\\')) pieces.push({ kind: 'text', text: symbol.slice(1), weight: 1 });
    else if (symbol === '(') round.push(pieces.length);
    else if (symbol === '[') square.push(pieces.length);
    else if (weight !== undefined && round.length > 0) weigh(round, clamp(weight));
    else if (symbol === ')' && round.length > 0) weigh(round, ROUND);
    else if (symbol === ']' && square.length > 0) weigh(square, SQUARE);
    else splitAtBreaks(symbol, pieces);
  }
  while (round.length > 0) weigh(round, ROUND);
  while (square.length > 0) weigh(square, SQUARE);
  return joinEqualWeights(pieces);
}

/** Where the symbol at `at` ends: an escape, a bracket, a weight with the bracket after it, `:`, or text up to the next. */
function endOfSymbol(prompt: string, at: number): number {
  const first = prompt[at]!;
  if (first === '\\') return '()[]\\'.includes(prompt[at + 1] ?? '?') ? at + 2 : at + 1;
  if (first === ':') return endOfWeight(prompt, at) ?? at + 1;
  if ('()[]'.includes(first)) return at + 1;
  SPECIAL.lastIndex = at;
  return SPECIAL.exec(prompt)?.index ?? prompt.length;
}

const SPECIAL = /[\\()[\]:]/g;

/** Behind the bracket of `: 1.3 )`, or undefined where no number and bracket follow the colon. */
function endOfWeight(prompt: string, colon: number): number | undefined {
  const from = skip(prompt, colon + 1, SPACE);
  const signed = prompt[from] === '+' || prompt[from] === '-' ? from + 1 : from;
  const end = skip(prompt, signed, DIGIT);
  const close = skip(prompt, end, SPACE);
  if (end === signed || prompt[close] !== ')' || Number.isNaN(Number(prompt.slice(from, end)))) return undefined;
  return close + 1;
}

const SPACE = /\s/;
const DIGIT = /[.\d]/;

function skip(text: string, from: number, what: RegExp): number {
  let at = from;
  while (at < text.length && what.test(text[at]!)) at += 1;
  return at;
}

function multiply(pieces: PromptPiece[], from: number, factor: number): void {
  for (let index = from; index < pieces.length; index += 1) {
    const piece = pieces[index]!;
    if (piece.kind === 'text') piece.weight = clamp(piece.weight * factor);
  }
}

function clamp(weight: number): number {
  return Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));
}

/** Adds a text, cut at each `BREAK`; the space around one goes with it, as no space is ever a token. */
function splitAtBreaks(text: string, pieces: PromptPiece[]): void {
  for (const [index, part] of text.split(BREAK).entries()) {
    if (index > 0) pieces.push({ kind: 'break' });
    pieces.push({ kind: 'text', text: part, weight: 1 });
  }
}

/** `\b` of a regular expression knows the letters of English alone. */
const BREAK = /(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])/u;

/** Neighbours of one weight are one text: `(a)(b)` is the word `ab`, as in A1111. */
function joinEqualWeights(pieces: readonly PromptPiece[]): PromptPiece[] {
  const joined: PromptPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.kind === 'text' && piece.kind === 'text' && last.weight === piece.weight) last.text += piece.text;
    else joined.push(piece);
  }
  return joined;
}
