import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const FOLDER = join(import.meta.dirname, '../../node_modules/@cyclonedx/cyclonedx-library/res/schema');
const load = (name: string) => JSON.parse(readFileSync(join(FOLDER, `${name}.SNAPSHOT.schema.json`), 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'iri-reference': true, 'idn-email': true } });
addFormats.default(ajv);
for (const name of ['spdx', 'jsf-0.82'])
  ajv.addSchema({ ...load(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });

/** True for a bill of materials that is CycloneDX 1.6; `errors` says what is wrong with the last one. */
export const isCycloneDx = ajv.compile(load('bom-1.6'));
