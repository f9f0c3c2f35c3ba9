import { fstatSync } from 'node:fs';

/** Text from a file or its name, such that a terminal shows it and does not obey it. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Whether standard output is a terminal whose owner has nothing against colours (https://no-color.org). */
export function wantsColour(): boolean {
  return isTerminal() && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

/** `process.stdout` loads the streams of Node, also where there is no terminal. */
function isTerminal(): boolean {
  const mayBe = process.platform === 'win32' || fstatSync(1).isCharacterDevice();
  return mayBe && process.stdout.isTTY === true;
}

/** The same of whole lines in pieces: their ends stay. */
export async function* plainLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const piece of pieces)
    yield piece
      .split('\n')
      .map((line) => plain(line.replace(/\r$/, '')))
      .join('\n');
}
