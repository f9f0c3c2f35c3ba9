import {
  appearanceOf,
  FILE_KINDS,
  findConstructors,
  findFrameworks,
  isCodeName,
  isPathFileName,
  isYamlName,
} from '../members/index.ts';
import { contentsByName, MODEL_ENDINGS, modelEnding } from '../model-files.ts';
import type { ContainerKind } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import { checkEnding } from './ending.ts';
import type { Inspection } from './inspection.ts';

/** A text is read this far: longer ones are not checked. */
const MAX_TEXT = 64 * 1024 * 1024;
/** What is said of a name that has a line break in it or goes on for pages is enough with this. */
const SHOWN_TEXT = 200;

/**
 * What an entry of an archive is beside what was found in it. Each is one of three: inspected as a model (`container`),
 * known to be harmless by its content, or a finding. A name can only make it worse.
 */
export function judgeMember(
  source: ByteSource,
  container: ContainerKind,
  { member, name }: { member: string | undefined; name: string },
  inspection: Inspection,
): void {
  const where = member === undefined ? {} : { member };
  const isCode = isCodeName(name);
  const reportCode = (what: string) =>
    inspection.report(
      'zip/program',
      'suspicious',
      `The archive contains ${what} (${name}), which model weights do not need.`,
      where,
    );
  if (isCode) reportCode('program code');
  checkEnding(name, container, source, member, inspection);
  if (container !== 'unknown' || (source.size === 0 && promisedModel(name) === null)) return;

  const { kind, what } = appearanceOf(source, MAX_TEXT);
  const { judgement } = FILE_KINDS[kind];
  const reportUnchecked = (reason: string) =>
    inspection.report('member/not-checked', 'incomplete', `The entry ${name} was not checked: ${reason}.`, where);
  const promised = promisedModel(name);
  if (judgement === 'code') {
    if (!isCode) reportCode(what ?? 'a program');
  } else if (judgement === 'unchecked') {
    reportUnchecked(what === null ? 'its format is unknown' : `it is ${what}`);
  } else if (kind === 'text' && source.size > MAX_TEXT) {
    reportUnchecked('it is too long');
    return;
  } else if (kind === 'text' && isPathFileName(name)) {
    if (hasImportLine(source)) reportCode('a .pth file with code, which Python runs when it starts');
    else reportUnchecked(`according to its extension it is a model, but it is ${what}`);
  } else if (promised !== null && kind !== 'folder-settings') {
    reportUnchecked(`according to its extension (.${promised}) it is a model, but it is ${what}`);
  }
  if (kind === 'text') reportConstructors(source, name, isYamlName(name), where, inspection);
}

/** The ending of a model file that no other programs use. */
function promisedModel(name: string): string | null {
  const ending = modelEnding(name);
  return ending === null || MODEL_ENDINGS[ending].isCommon || contentsByName(ending) === 'archive' ? null : ending;
}

function reportConstructors(
  source: ByteSource,
  shown: string,
  isYaml: boolean,
  where: { member?: string },
  inspection: Inspection,
): void {
  const { found, whole } = findConstructors(source, isYaml);
  for (const { name, key, severity } of found) {
    const text = name.length > SHOWN_TEXT ? `${name.slice(0, SHOWN_TEXT)}…` : name;
    inspection.report(
      'member/names-code',
      severity,
      `The configuration ${shown} names ${text} (${key}). Programs that use it import, call or evaluate that.`,
      where,
    );
  }
  if (!whole)
    inspection.report(
      'member/not-checked',
      'incomplete',
      `The entry ${shown} was not checked: it is YAML that is too long or cannot be read.`,
      where,
    );
}

function hasImportLine(source: ByteSource): boolean {
  return /^\s*import[\s\t]/m.test(Buffer.from(source.read(0, MAX_TEXT)).toString('latin1'));
}

/** Says which frameworks with code of their own an archive is made for, by the names of its entries. */
export function reportFrameworks(names: readonly string[], member: string | undefined, inspection: Inspection): void {
  for (const sentence of findFrameworks(names))
    inspection.report('container/out-of-scope', 'incomplete', sentence, member === undefined ? undefined : { member });
}
