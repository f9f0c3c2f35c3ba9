import { WHY_CLEAN, WHY_FLAGGED } from './judgements.ts';

export interface Compared {
  id: string;
  ours: string;
  expected: string;
  theirs: readonly string[];
}

/** What the other scanners say of the corpus and we do not, each with who is right and why. Cases are named, scanners counted. */
export function comparisonPage(all: readonly Compared[], versions: Readonly<Record<string, string>>): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const flagged = all.filter(({ ours }) => ours !== 'clean');
  const clean = all.filter(({ ours }) => ours === 'clean');
  const missed = flagged.filter(({ theirs }) => theirs.includes('clean'));
  const cried = clean.filter(({ theirs }) =>
    theirs.some((verdict) => verdict === 'dangerous' || verdict === 'suspicious'),
  );
  const wrong = all.filter(({ ours, expected }) => ours !== expected);
  return [
    '# What other scanners report for the same files',
    '',
    `Written by \`npm run bench:scan -- --comparison\` from one run over the ${all.length} files of the corpus`,
    `(\`test/fixtures/corpus.ts\`): ${names.join(', ')}, each through its own library with its defaults.`,
    'A cell is the number of scanners with that answer. “No verdict” means that a scanner rejected the file, stopped or did not scan it.',
    '',
    '## Summary',
    '',
    '| our verdict | files | others say clean | suspicious | dangerous | no verdict |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...['clean', 'suspicious', 'malformed', 'incomplete', 'dangerous'].map((verdict) => {
      const rows = all.filter(({ ours }) => ours === verdict);
      return `| ${[verdict, rows.length, ...counts(rows.flatMap(({ theirs }) => theirs))].join(' | ')} |`;
    }),
    '',
    wrong.length === 0
      ? 'Our verdict is the one that the corpus expects for every file.'
      : `Our verdict is not the one expected for: ${wrong.map(({ id }) => id).join(', ')}.`,
    '',
    `## We say clean, another does not (${cried.length})`,
    '',
    '| file | clean | suspicious | dangerous | no verdict | judgement |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...cried.map(({ id, theirs }) => `| ${[id, ...counts(theirs), `Clean. ${reasonFor(id)}`].join(' | ')} |`),
    '',
    `## Another says clean, we do not (${missed.length})`,
    '',
    ...WHY_FLAGGED.flatMap(([pattern, subject, reason]) => {
      const rows = missed.filter(({ id }) => pattern.test(id));
      if (rows.length === 0) return [];
      return [
        `### ${subject}`,
        '',
        reason,
        '',
        '| file | ours | clean | suspicious | dangerous | no verdict |',
        '| --- | --- | ---: | ---: | ---: | ---: |',
        ...rows.map(({ id, ours, theirs }) => `| ${[id, ours, ...counts(theirs)].join(' | ')} |`),
        '',
      ];
    }),
  ].join('\n');
}

function counts(verdicts: readonly string[]): number[] {
  const count = (wanted: (verdict: string) => boolean) => verdicts.filter(wanted).length;
  const named = ['clean', 'suspicious', 'dangerous'];
  return [...named.map((name) => count((verdict) => verdict === name)), count((verdict) => !named.includes(verdict))];
}

function reasonFor(id: string): string {
  return WHY_CLEAN.find(([pattern]) => pattern.test(id))?.[1] ?? '';
}
