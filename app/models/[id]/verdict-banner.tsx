'use client';

import { Alert, Stack, Text } from '@mantine/core';
import { type FileView, type FindingView, labelOf, VERDICTS } from '#lib/catalog/client.ts';
import { VERDICT_ICONS } from '../../components/verdict.tsx';
import { Call } from './call.tsx';

/** The verdict in plain words: what it means for somebody about to load the file, and what the file would do. */
export function VerdictBanner({ file }: { file: FileView }) {
  const { state, disarmed, conversion } = file;
  const Icon = VERDICT_ICONS[state];
  const meaning = VERDICTS.find(({ id }) => id === state)?.meaning ?? '';
  const worst = file.findings.filter(({ severity }) => severity === state);
  const calls = [...new Set(worst.flatMap(({ call }) => (call === null ? [] : [call])))];
  const freed = conversion === 'converted' && state !== 'clean';
  return (
    <Alert
      role="region"
      aria-label="Verdict"
      data-testid="verdict-banner"
      data-verdict={state}
      icon={<Icon aria-hidden />}
      title={labelOf(VERDICTS, state)}
      styles={{
        root: { backgroundColor: `var(--verdict-${state}-bg)` },
        title: { color: `var(--verdict-${state}-fg)`, fontSize: 'var(--mantine-font-size-md)' },
        icon: { color: `var(--verdict-${state}-fg)` },
        message: { color: `var(--verdict-${state}-fg)` },
      }}
    >
      <Stack gap="xs">
        <Text size="sm" c="inherit">
          {meaning} {consequence(file)}
        </Text>
        {calls.slice(0, 5).map((call) => (
          <Call key={call} text={call} />
        ))}
        {calls.length === 0 &&
          reasons(worst).map((reason) => (
            <Text key={reason} size="sm" c="inherit" className="wrap">
              {reason}
            </Text>
          ))}
        {freed && disarmed && (
          <Text size="sm" c="inherit">
            A moderator disarmed this file: its tensors were converted to safetensors without the code. The download is
            safe to load. The original stays in quarantine.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function reasons(findings: readonly FindingView[]): string[] {
  return [...new Set(findings.map(({ message }) => message))].slice(0, 3);
}

function consequence({ state, conversion, conversionReason, container }: FileView): string {
  if (state === 'clean') {
    if (container === 'gguf') return '';
    if (conversion === 'converted') return '';
    if (conversion === 'not_convertible') return `It could not be converted to safetensors: ${conversionReason ?? ''}`;
    return 'It is being converted to safetensors.';
  }
  if (state === 'dangerous') return 'It would run:';
  if (state === 'malformed') return 'It cannot be downloaded.';
  if (state === 'incomplete') return 'It cannot be downloaded until the scan is complete.';
  return '';
}
