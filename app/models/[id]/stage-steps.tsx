'use client';

import { Paper, Stepper } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { FileView, StageView } from '../../../lib/catalog/client.ts';
import { STAGE_LABELS } from '../../components/stages.ts';

/** Where a file is on its way from received to ready. */
export function StageSteps({ file }: { file: FileView }) {
  const narrow = useMediaQuery('(max-width: 48em)');
  const running = file.stages.findIndex(({ state }) => state === 'running');
  const finished = file.stages.findLastIndex(({ state }) => state === 'done' || state === 'failed') + 1;
  return (
    <Paper withBorder p="md" role="region" aria-label="Progress" data-testid="stage-steps">
      <Stepper active={running === -1 ? finished : running} size="sm" orientation={narrow ? 'vertical' : 'horizontal'}>
        {file.stages.map((stage) => (
          <Stepper.Step
            key={stage.stage}
            label={STAGE_LABELS[stage.stage]}
            description={describe(stage)}
            loading={stage.state === 'running'}
            allowStepSelect={false}
            color={stage.state === 'failed' ? 'red' : undefined}
          />
        ))}
      </Stepper>
    </Paper>
  );
}

function describe({ state, progress, message }: StageView): string {
  if (state === 'running') return `${Math.floor(progress * 100)} %`;
  if (state === 'failed') return message ?? 'Stopped';
  return state === 'done' ? 'Done' : 'To come';
}
