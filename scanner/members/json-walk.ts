/** What a walk through a document tells of: texts by their key, and which stand together in one object. */
export interface DocumentVisitor {
  /** A text, or the pair of texts of a list, under this key. */
  entry(key: string, value: string | readonly [string, string]): void;
  /** All texts of one object, by key, once it ends. Of two under one key, each is told of by `entry`. */
  object(entries: ReadonlyMap<string, string>): void;
  /** A key whose value is a list or an object. */
  container(key: string): void;
}

interface Frame {
  isObject: boolean;
  /** The key that the frame itself stands under. */
  under: string | null;
  /** The key that the next value belongs to; null where a key is expected next. */
  key: string | null;
  texts: Map<string, string>;
  /** The first texts of a list, and how many values it has. */
  items: string[];
  count: number;
}

/** Python's reader gives up at a thousand. */
const MAX_DEPTH = 2000;
/** Longer texts name nothing. */
const MAX_TEXT = 400;
/** Texts of one object that are kept. */
const MAX_TEXTS = 64;
const WORD = /^(?:true|false|null|NaN|-?Infinity|-?\d[\d.eE+-]*)$/;
const WHITE = /\s/;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads JSON in pieces, in the memory of one: a tokenizer has tens of megabytes. Python's reader takes the last of two
 * equal keys and others the first, so every one is told of. One document may follow another (JSON lines).
 */
export class JsonWalk {
  readonly #visitor: DocumentVisitor;
  readonly #frames: Frame[] = [];
  #isBroken = false;
  /** The text or word that is being read; null between two. */
  #token: { isText: boolean; text: string; escape: string | null } | null = null;
  /** A text that may be a key. */
  #pending: string | null = null;

  constructor(visitor: DocumentVisitor) {
    this.#visitor = visitor;
  }

  /** Reads on. False from the first character on that is no JSON. */
  push(piece: string): boolean {
    for (const character of piece) {
      if (this.#isBroken) return false;
      this.#take(character);
    }
    return !this.#isBroken;
  }

  /** True where all that was read was JSON, to its end. */
  end(): boolean {
    this.#endWord();
    return !this.#isBroken && this.#token === null && this.#frames.length === 0;
  }

  #take(character: string): void {
    const token = this.#token;
    if (token?.isText) {
      this.#takeInText(token, character);
      return;
    }
    if (token !== null && !/[\s,:[\]{}"]/.test(character)) {
      if (token.text.length < MAX_TEXT) token.text += character;
      return;
    }
    this.#endWord();
    if (character === '"') this.#token = { isText: true, text: '', escape: null };
    else if (character === '{' || character === '[') this.#open(character === '{');
    else if (character === '}' || character === ']') this.#close(character === '}');
    else if (character === ':') this.#endKey();
    else if (character === ',') this.#endItem();
    else if (!WHITE.test(character) && character !== '\ufeff')
      this.#token = { isText: false, text: character, escape: null };
  }

  #takeInText(token: { text: string; escape: string | null }, character: string): void {
    if (token.escape !== null) {
      token.escape += character;
      if (token.escape[0] !== 'u') this.#add(token, ESCAPES[character] ?? character);
      else if (token.escape.length === 5)
        this.#add(token, String.fromCharCode(Number.parseInt(token.escape.slice(1), 16) || 0));
      else return;
      token.escape = null;
    } else if (character === '\\') token.escape = '';
    else if (character === '"') {
      this.#token = null;
      this.#value(token.text);
    } else this.#add(token, character);
  }

  #add(token: { text: string }, character: string): void {
    if (token.text.length <= MAX_TEXT) token.text += character;
  }

  #endWord(): void {
    const token = this.#token;
    if (token === null || token.isText) return;
    this.#token = null;
    if (!WORD.test(token.text)) this.#isBroken = true;
    this.#value(null);
  }

  #open(isObject: boolean): void {
    const frame = this.#frames.at(-1);
    const under = frame?.key ?? null;
    if (under !== null) this.#visitor.container(under);
    if (frame !== undefined) frame.count += 1;
    if (this.#frames.length >= MAX_DEPTH) this.#isBroken = true;
    this.#frames.push({ isObject, under, key: null, texts: new Map(), items: [], count: 0 });
    this.#pending = null;
  }

  #close(isObject: boolean): void {
    const frame = this.#frames.pop();
    if (frame === undefined || frame.isObject !== isObject) {
      this.#isBroken = true;
      return;
    }
    if (frame.isObject) this.#visitor.object(frame.texts);
    const [first, second] = frame.items;
    if (!frame.isObject && frame.count === 2 && frame.under !== null && first !== undefined && second !== undefined)
      this.#visitor.entry(frame.under, [first, second]);
    this.#endItem();
  }

  /** A text, or anything else (null). */
  #value(text: string | null): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    if (frame.isObject && frame.key === null) {
      this.#pending = text;
      return;
    }
    frame.count += 1;
    if (text === null) return;
    if (frame.isObject && frame.key !== null) {
      this.#visitor.entry(frame.key, text);
      if (frame.texts.size < MAX_TEXTS) frame.texts.set(frame.key, text);
    } else {
      if (frame.items.length < 2) frame.items.push(text);
      if (frame.under !== null) this.#visitor.entry(frame.under, text);
    }
  }

  #endKey(): void {
    const frame = this.#frames.at(-1);
    if (frame?.isObject !== true || this.#pending === null) this.#isBroken = true;
    else frame.key = this.#pending;
    this.#pending = null;
  }

  #endItem(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.key = null;
    this.#pending = null;
  }
}
