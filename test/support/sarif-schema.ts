import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv-draft-04';

const SCHEMA = join(import.meta.dirname, '../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');

const ajv = new Ajv({
  strict: false,
  unicodeRegExp: false,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => URL.canParse(text, 'file:///') && /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/.test(text),
    'date-time': true,
  },
});

/** True for a report that is SARIF 2.1.0; `errors` says what is wrong with the last one. */
export const isSarif = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
