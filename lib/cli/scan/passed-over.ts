import { FILE_KINDS, type FileKind } from '#scanner/members/index.ts';
import { plain } from '../terminal-text.ts';
import type { PlaceReason } from './find-files.ts';

/** Why something in a folder was not scanned: what it is, or where it lies. */
export type PassReason = FileKind | PlaceReason;

/** Something in a folder that was not scanned. */
export interface PassedOver {
  path: string;
  reason: PassReason;
  /** False where nobody can say that it is harmless: `--strict` fails on it. */
  isHarmless: boolean;
}

/** What a scan of folders went over, besides the files it has reports of. */
export interface FolderScan {
  scanned: number;
  passedOver: readonly PassedOver[];
  /** Links that were followed, and where they lead. */
  links: readonly { path: string; target: string }[];
}

const PLACES: Readonly<Record<PlaceReason, { plural: string; isHarmless: boolean }>> = {
  git: { plural: 'git folders (.git)', isHarmless: true },
  special: { plural: 'special files', isHarmless: false },
  'too-deep': { plural: 'folders nested too deeply', isHarmless: false },
};

function factsOf(reason: PassReason): { plural: string; isHarmless: boolean } {
  if (Object.hasOwn(PLACES, reason)) return PLACES[reason as PlaceReason];
  const { plural, judgement } = FILE_KINDS[reason as FileKind];
  return { plural, isHarmless: judgement === 'harmless' };
}

export function passOver(path: string, reason: PassReason): PassedOver {
  return { path, reason, isHarmless: factsOf(reason).isHarmless };
}

/** How many of each reason there are, the most first. */
function countReasons(passedOver: readonly PassedOver[]): [reason: PassReason, count: number][] {
  const counts = new Map<PassReason, number>();
  for (const { reason } of passedOver) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

/** The same for programs. SARIF has the counts among the properties of its run, and JSON every path. */
export function folderJson({ scanned, passedOver, links }: FolderScan, detail: 'counts' | 'all'): object {
  const shown = detail === 'all' ? passedOver : passedOver.filter(({ isHarmless }) => !isHarmless);
  return {
    scanned,
    passedOver: passedOver.length,
    reasons: Object.fromEntries(countReasons(passedOver)),
    notScanned: shown.map(({ path, reason, isHarmless }) => ({ path, reason, knownHarmless: isHarmless })),
    links,
  };
}

const MAX_LISTED = 20;

/** What was not scanned, as text for people. Empty where there is nothing to say. */
export function formatFolderText({ passedOver, links }: FolderScan): string {
  const lines: string[] = [];
  if (passedOver.length > 0) {
    const counts = countReasons(passedOver).map(([reason, count]) => `${factsOf(reason).plural} (${count})`);
    lines.push(`Not scanned, because they are not models: ${counts.join(', ')}.`);
    const others = passedOver.filter(({ isHarmless }) => !isHarmless);
    if (others.length > 0) lines.push('Not known to be harmless (--strict fails on these):');
    for (const { path, reason } of others.slice(0, MAX_LISTED)) lines.push(`  ${plain(path)}  (${reason})`);
    if (others.length > MAX_LISTED) lines.push(`  and ${others.length - MAX_LISTED} more`);
  }
  if (links.length > 0) lines.push('Symbolic links that were followed:');
  for (const { path, target } of links.slice(0, MAX_LISTED)) lines.push(`  ${plain(path)} → ${plain(target)}`);
  if (links.length > MAX_LISTED) lines.push(`  and ${links.length - MAX_LISTED} more`);
  return lines.join('\n');
}
