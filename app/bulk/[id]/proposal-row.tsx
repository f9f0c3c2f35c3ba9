import { Anchor, Checkbox, Group, Paper, Stack, Text } from '@mantine/core';
import { CONFIDENCES } from '#app/models/[id]/labels.ts';
import type { ProposalView } from '#lib/bulk/client.ts';
import { labelOf } from '#lib/catalog/client.ts';
import { Link } from '../../components/link.tsx';
import { makeVisible } from '../../components/visible-text.ts';
import { identifiedWords, OTHER_FIELDS } from './identified.ts';

interface ProposalRowProps {
  proposal: ProposalView;
  /** Null where it cannot be selected. */
  isChosen: boolean | null;
  onChoose: (isChosen: boolean) => void;
}

/** What would change of one file, and why. */
export function ProposalRow({ proposal, isChosen, onChoose }: ProposalRowProps) {
  const { modelId, name, filename, from, to, others, evidence, problems, acceptedInId } = makeVisible(proposal);
  return (
    <Paper withBorder p="xs" data-testid="proposal">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        {isChosen !== null && (
          <Checkbox
            mt={2}
            checked={isChosen}
            aria-label={`Select ${filename} of ${name}`}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
        )}
        <Stack gap={2} miw={0}>
          <Text size="sm" className="wrap">
            <Anchor component={Link} href={`/models/${modelId}`} size="sm" fw={600}>
              {name}
            </Anchor>{' '}
            <Text span size="xs" c="dimmed">
              {filename}
            </Text>
          </Text>
          <Text size="sm" className="wrap">
            {sideWords(from)} → {sideWords(to)}
          </Text>
          {others.length > 0 && (
            <Text size="xs" c="dimmed">
              Also changes: {others.map((field) => OTHER_FIELDS[field]).join(', ')}
            </Text>
          )}
          {acceptedInId !== null && (
            <Anchor component={Link} href={`/bulk/${acceptedInId}`} size="xs" underline="always">
              Accepted by bulk change {acceptedInId}
            </Anchor>
          )}
          <details>
            <summary>
              <Text span size="xs">
                Evidence
              </Text>
            </summary>
            {[...evidence.map(({ detail }) => detail), ...problems].map((line) => (
              <Text key={line} size="xs" className="wrap">
                {line}
              </Text>
            ))}
          </details>
        </Stack>
      </Group>
    </Paper>
  );
}

function sideWords(side: ProposalView['from']): string {
  const confidence = labelOf(CONFIDENCES, side.confidence).replace(/:.*/, '').toLowerCase();
  return `${identifiedWords(side)} (${confidence})`;
}
