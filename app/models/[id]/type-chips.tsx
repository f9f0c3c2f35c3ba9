import { Badge, Tooltip } from '@mantine/core';
import { IconUserCheck } from '@tabler/icons-react';
import { BASES, FAMILIES, labelOf, type ModelView, TYPES } from '#lib/catalog/client.ts';

/** Type and base; where a person said so, a sign for it. */
export function TypeChips({ model }: { model: ModelView }) {
  const { type, base } = model;
  return (
    <>
      <Chip text={type === 'unknown' ? 'Unknown type' : labelOf(TYPES, type)} byPerson={model.typeSource === 'user'} />
      <Chip
        text={base === 'unknown' ? 'Unknown base model' : labelOf(BASES, base)}
        byPerson={model.baseSource === 'user'}
      />
      {model.family !== null && (
        <Tooltip label="Taken from the metadata, the file name or a known hash; weights alone do not show the family">
          <Badge variant="default" tt="none" radius="sm">
            {labelOf(FAMILIES, model.family)} family
          </Badge>
        </Tooltip>
      )}
    </>
  );
}

function Chip({ text, byPerson }: { text: string; byPerson: boolean }) {
  if (!byPerson) {
    return (
      <Badge variant="default" tt="none" radius="sm">
        {text}
      </Badge>
    );
  }
  return (
    <Tooltip label="Set manually; automatic detection does not change it">
      <Badge variant="default" tt="none" radius="sm" rightSection={<IconUserCheck size={13} aria-hidden />}>
        {text}, set manually
      </Badge>
    </Tooltip>
  );
}
