import anyAscii from 'any-ascii';
import { encodeExtended } from 'content-disposition';

/**
 * `Content-Disposition` for a file of this name. Simple clients split the header at its first `=`, so all of them get one
 * quoted ASCII name without `=`; `filename*` with the name as it is follows for browsers alone.
 */
export function contentDisposition(
  type: 'attachment' | 'inline',
  filename: string,
  { isBrowser }: { isBrowser: boolean },
): string {
  const plain = asciiName(filename);
  const header = `${type}; filename="${plain}"`;
  return isBrowser && plain !== filename ? `${header}; filename*=${encodeExtended(filename.toWellFormed())}` : header;
}

/**
 * Whether a browser follows a link or opens an address: only then does it name a file by the header. Programs that call
 * themselves a browser in `User-Agent` do not send this.
 */
export function isNavigation(headers: Headers): boolean {
  return headers.get('sec-fetch-mode') === 'navigate';
}

/** The name in ASCII, without what a header, a path or Windows would take for something else. */
function asciiName(filename: string): string {
  const [, stem = '', ending = ''] = /^(.*?)((?:\.[A-Za-z0-9]{1,12})?)$/s.exec(filename) ?? [];
  const plain = anyAscii(stem.normalize('NFC'))
    .replace(/(?:[^ -~]|["\\=;%/<>:|?*])+/g, '_')
    .replace(/ {2,}/g, ' ')
    .replace(/^[ .]+|[ .]+$/g, '');
  return `${/[A-Za-z0-9]/.test(plain) ? plain : 'model'}${ending}`;
}
