import { ggufVersion, isGgufVersion, readGguf } from '../containers/index.ts';
import { reachesInternals } from '../members/index.ts';
import type { Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/**
 * A GGUF file: a header and numbers, in which nothing can run but templates of its metadata, by programs that do not
 * restrict them. Throws MalformedContainer where it breaks a rule of the format.
 */
export function inspectGguf(source: ByteSource, where: Where, inspection: Inspection): void {
  const version = ggufVersion(source);
  if (version !== null && !isGgufVersion(version)) {
    const message = `The file is GGUF version ${version}. This version is not supported: only versions 2 and 3 are scanned.`;
    inspection.report('container/out-of-scope', 'incomplete', message, where);
    return;
  }
  const { headerBytes, headerTensors, headerEntries, headerValues } = inspection.limits;
  const reaching = new Set<string>();
  const report = () => {
    for (const key of reaching)
      inspection.report(
        'member/names-code',
        'suspicious',
        `The text ${JSON.stringify(key)} is a template that reaches into Python's internals. Programs that do not restrict templates run code.`,
        where,
      );
  };
  try {
    const { tensors, unused } = readGguf(source, {
      maxBytes: headerBytes,
      maxTensors: headerTensors,
      maxEntries: headerEntries,
      maxValues: headerValues,
      deadline: inspection.deadline,
      keepsMetadata: false,
      onText: (key, text) => {
        if (reachesInternals(text)) reaching.add(key);
      },
    });
    inspection.addTensors(tensors.length);
    for (const { offset, bytes } of unused)
      inspection.report('gguf/unused', 'suspicious', `There are ${bytes} bytes that belong to no tensor.`, {
        ...where,
        offset,
      });
  } finally {
    report();
  }
}
