'use client';

import { Paper, Progress, Stack, Stepper, Text } from '@mantine/core';
import type { FileView, StageView } from '#lib/catalog/client.ts';
import { STAGE_LABELS } from '../../components/stages.ts';

/** Where a file is on its way from received to ready. */
export function StageSteps({ file }: { file: FileView }) {
  const { stages } = file;
  const running = stages.findIndex(({ state }) => state === 'running');
  const finished = stages.findLastIndex(({ state }) => state === 'done' || state === 'failed') + 1;
  const active = running === -1 ? finished : running;
  const current = stages[active];
  return (
    <Paper withBorder p="md" role="region" aria-label="Progress" data-testid="stage-steps">
      <Stepper active={active} size="sm" visibleFrom="md">
        {stages.map((stage) => (
          <Stepper.Step
            key={stage.stage}
            label={STAGE_LABELS[stage.stage]}
            description={describe(stage)}
            loading={stage.state === 'running'}
            allowStepSelect={false}
            {...(stage.state === 'failed' && { color: 'red' })}
          />
        ))}
      </Stepper>
      {current !== undefined && (
        <Stack gap={6} hiddenFrom="md">
          <Text size="sm">
            Step {active + 1} of {stages.length}: <b>{STAGE_LABELS[current.stage]}</b>,{' '}
            {describe(current).toLowerCase()}
          </Text>
          <Progress value={((active + current.progress) / stages.length) * 100} aria-label="Completed steps" />
        </Stack>
      )}
    </Paper>
  );
}

function describe({ state, progress, message }: StageView): string {
  if (state === 'running') return `${Math.floor(progress * 100)} %`;
  if (state === 'failed') return message ?? 'Failed';
  return state === 'done' ? 'Done' : 'Waiting';
}
