import { Button, Group, Paper, Stack, Text, UnstyledButton } from '@mantine/core';
import type { ProposalGroup } from '#lib/bulk/client.ts';
import { formatCount } from '../../components/format.ts';
import { identifiedWords } from './identified.ts';

interface ProposalGroupsProps {
  groups: readonly ProposalGroup[];
  /** The one that the list is filtered by. */
  chosen: string | null;
  isBusy: boolean;
  onChoose: (id: string | null) => void;
  /** Null where they are decided. */
  onDecide: ((decision: 'accept' | 'dismiss', id: string) => void) | null;
}

/** Proposals that change the same into the same: `Unknown → LoRA, SDXL`, 14 models. */
export function ProposalGroups({ groups, chosen, isBusy, onChoose, onDecide }: ProposalGroupsProps) {
  return (
    <Stack gap="xs" component="section" aria-label="Groups of proposals">
      {groups.map((group) => {
        const words = groupWords(group);
        const isChosen = group.id === chosen;
        return (
          <Paper
            key={group.id}
            withBorder
            p="xs"
            data-testid="proposal-group"
            {...(isChosen ? { bg: 'var(--mantine-color-default-hover)' } : {})}
          >
            <Group justify="space-between" gap="xs">
              <UnstyledButton aria-pressed={isChosen} onClick={() => onChoose(isChosen ? null : group.id)}>
                <Text size="sm" fw={600} component="span" className="wrap">
                  {words}
                </Text>{' '}
                <Text size="sm" c="dimmed" component="span">
                  {formatCount(group.models, 'model')}
                  {group.files === group.models ? '' : `, ${formatCount(group.files, 'file')}`}
                </Text>
              </UnstyledButton>
              {onDecide !== null && (
                <Group gap="xs">
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={isBusy}
                    aria-label={`Accept ${words}`}
                    onClick={() => onDecide('accept', group.id)}
                  >
                    Accept
                  </Button>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    disabled={isBusy}
                    aria-label={`Dismiss ${words}`}
                    onClick={() => onDecide('dismiss', group.id)}
                  >
                    Dismiss
                  </Button>
                </Group>
              )}
            </Group>
          </Paper>
        );
      })}
    </Stack>
  );
}

function groupWords({ from, to }: ProposalGroup): string {
  const [before, after] = [identifiedWords(from), identifiedWords(to)];
  return before === after ? `${after}: confidence or details` : `${before} → ${after}`;
}
