import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import type { FileView } from '../../../lib/catalog/client.ts';
import classes from './sidecars.module.css';

const KINDS: Record<FileView['sidecars'][number]['kind'], string> = {
  preview: 'Picture',
  config: 'Configuration',
  civitai: 'Notes from Civitai',
  settings: 'Notes of another program',
};

/** Pictures that came with the model; links, so that each can be seen whole. */
export function Pictures({ file }: { file: FileView }) {
  const pictures = file.sidecars.filter(({ kind }) => kind === 'preview');
  if (pictures.length === 0) return null;
  return (
    <Group gap="sm" aria-label="Pictures that came with the model" role="group">
      {pictures.map(({ id, filename }) => (
        <a key={id} href={`/api/sidecars/${id}`} className={classes.frame}>
          <img src={`/api/sidecars/${id}`} alt={filename} loading="lazy" className={classes.picture} />
        </a>
      ))}
    </Group>
  );
}

/** What else came with the model. */
export function Sidecars({ file }: { file: FileView }) {
  if (file.sidecars.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={3} fz="md">
        Files beside it
      </Title>
      <Text size="xs" c="dimmed">
        Uploaded with the model by its owner; nothing here is checked.
      </Text>
      {file.sidecars.map(({ id, filename, kind }) => (
        <Group key={id} gap="xs">
          <Anchor href={`/api/sidecars/${id}`} size="sm" className="wrap">
            {filename}
          </Anchor>
          <Text size="xs" c="dimmed">
            {KINDS[kind]}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
