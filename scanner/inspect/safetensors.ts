import { readSafetensorsHeader } from '../containers/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** A safetensors file: a header and numbers, in which nothing can run. Throws MalformedContainer where it breaks a rule. */
export function inspectSafetensors(source: ByteSource, inspection: Inspection): void {
  const { headerBytes, headerTensors } = inspection.limits;
  const { header } = readSafetensorsHeader(source, {
    maxBytes: headerBytes,
    maxTensors: headerTensors,
    keepsMetadata: false,
  });
  inspection.addTensors(header.size);
}
