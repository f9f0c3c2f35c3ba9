/** What a Python literal of texts, numbers and collections stands for. A tuple and a list are one and the same here. */
export type PythonLiteral = string | number | boolean | null | PythonLiteral[] | Map<string, PythonLiteral>;

const TOKEN = /\s*(?:u?'([^'\\]*)'|u?"([^"\\]*)"|([+-]?\d+)L?|(True|False|None)|([{}()[\]:,]))/y;
const MAX_DEPTH = 32;

/** Reads the literal that a NumPy header is. Null where Python would refuse it, or where a text needs an escape. */
export function parsePythonLiteral(text: string): PythonLiteral | null {
  try {
    const reader = new LiteralReader(text);
    const value = reader.read(0);
    return reader.isAtEnd() ? value : null;
  } catch (error) {
    if (error instanceof UnreadableLiteral) return null;
    throw error;
  }
}

class UnreadableLiteral extends Error {}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(depth: number): PythonLiteral {
    const [, single, double, number, word, mark] = this.#next();
    const literal = single ?? double;
    if (literal !== undefined) return literal;
    if (number !== undefined) return Number(number);
    if (word !== undefined) return word === 'None' ? null : word === 'True';
    if (depth > MAX_DEPTH) throw new UnreadableLiteral();
    if (mark === '{') return this.#readDict(depth);
    if (mark === '(') return this.#readItems(')', depth);
    if (mark === '[') return this.#readItems(']', depth);
    throw new UnreadableLiteral();
  }

  isAtEnd(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  #readItems(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    while (!this.#accept(close)) {
      items.push(this.read(depth + 1));
      if (!this.#accept(',')) {
        this.#expect(close);
        break;
      }
    }
    return items;
  }

  #readDict(depth: number): Map<string, PythonLiteral> {
    const entries = new Map<string, PythonLiteral>();
    while (!this.#accept('}')) {
      const key = this.read(depth + 1);
      if (typeof key !== 'string' || entries.has(key)) throw new UnreadableLiteral();
      this.#expect(':');
      entries.set(key, this.read(depth + 1));
      if (!this.#accept(',')) {
        this.#expect('}');
        break;
      }
    }
    return entries;
  }

  #accept(mark: string): boolean {
    const before = this.#at;
    if (this.#next()[5] === mark) return true;
    this.#at = before;
    return false;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw new UnreadableLiteral();
  }

  #next(): RegExpExecArray {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw new UnreadableLiteral();
    this.#at = TOKEN.lastIndex;
    return match;
  }
}
