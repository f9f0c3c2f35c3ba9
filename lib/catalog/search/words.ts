import { escapeLike, Prisma, searchDb } from '../../db/index.ts';

const { sql } = Prisma;

/** Longer texts have words that narrow nothing. */
const MAX_WORDS = 12;
/** Words of the catalog that one of a search may stand for. */
const MAX_MEANINGS = 500;
/** One character is meant where it begins a word: nearly all have it somewhere. */
const LEAST_INNER = 2;
/** Two neighbours that changed places leave words of five letters so little alike (`pg_trgm`). */
const LEAST_LIKENESS = '0.15';
/** One letter in so many may be wrong. */
const LETTERS_A_MISTAKE = 5;

/** What a text finds, as a `tsquery`. */
export interface WordsQuery {
  /** Every word of the text, begun, inside another or misspelt. */
  all: string;
  /** The words as they are. */
  exact: string;
}

/**
 * Looks the words of a text up among all words of the catalog. A word that is there, or in others, stands for those; one
 * that is nowhere stands for the nearest. Null where a word is like none, so that nothing is found.
 */
export async function readWords(text: string): Promise<WordsQuery | null> {
  const [{ words } = { words: [] }] = await searchDb().$queryRaw<{ words: string[] }[]>`
    SELECT ARRAY(SELECT search_split(${text})) AS words`;
  const wanted = [...new Set(words)].slice(0, MAX_WORDS);
  if (wanted.length === 0) return null;
  const meanings = await Promise.all(wanted.map(findMeanings));
  if (meanings.some((one) => one.length === 0)) return null;
  return {
    all: meanings.map((one) => `(${one.join(' | ')})`).join(' & '),
    exact: wanted.map(quote).join(' & '),
  };
}

/** Terms of a `tsquery`, any of which will do. Empty where no word of the catalog is like this one. */
async function findMeanings(word: string): Promise<string[]> {
  const inner =
    word.length < LEAST_INNER
      ? []
      : await findWords(sql`word LIKE ${`%${escapeLike(word)}%`} AND word NOT LIKE ${`${escapeLike(word)}%`}`);
  const begun = await findWords(sql`word LIKE ${`${escapeLike(word)}%`}`, 1);
  if (begun.length > 0 || inner.length > 0) return [`${quote(word)}:*`, ...inner.map(quote)];
  return (await findLike(word)).map(quote);
}

async function findWords(condition: Prisma.Sql, limit = MAX_MEANINGS): Promise<string[]> {
  const rows = await searchDb().$queryRaw<
    { word: string }[]
  >`SELECT DISTINCT word FROM search_word WHERE ${condition} LIMIT ${limit}`;
  return rows.map(({ word }) => word);
}

async function findLike(word: string): Promise<string[]> {
  const mistakes = Math.floor(word.length / LETTERS_A_MISTAKE);
  if (mistakes === 0) return [];
  const rows = await searchDb().$transaction(async (tx) => {
    await tx.$queryRaw`SELECT set_config('pg_trgm.similarity_threshold', ${LEAST_LIKENESS}, true)`;
    return await tx.$queryRaw<{ word: string }[]>`
      SELECT DISTINCT word, word <-> ${word} AS distance FROM search_word WHERE word % ${word}
       ORDER BY distance LIMIT ${MAX_MEANINGS}`;
  });
  return rows.map((row) => row.word).filter((other) => countMistakes(word, other) <= mistakes);
}

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
export function countMistakes(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
}
