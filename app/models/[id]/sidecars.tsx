import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import type { FileView } from '#lib/catalog/client.ts';
import classes from './sidecars.module.css';

const KINDS: Record<FileView['sidecars'][number]['kind'], string> = {
  preview: 'Image',
  config: 'Configuration',
  civitai: 'Civitai metadata',
  settings: 'Model metadata',
  text: 'Text',
};

/** Pictures that came with the model; links, so that each can be seen whole. */
export function Pictures({ file }: { file: FileView }) {
  const pictures = file.sidecars.filter(({ kind }) => kind === 'preview');
  if (pictures.length === 0 && !file.thumbnail) return null;
  return (
    <Group gap="sm" aria-label="Images uploaded with the model" role="group">
      {file.thumbnail && <Picture source={`/api/files/${file.id}/thumbnail`} name="Image embedded in the file" />}
      {pictures.map(({ id, filename }) => (
        <Picture key={id} source={`/api/sidecars/${id}`} name={filename} />
      ))}
    </Group>
  );
}

function Picture({ source, name }: { source: string; name: string }) {
  return (
    <a href={source} className={classes.frame}>
      <img src={source} alt={name} loading="lazy" className={classes.picture} />
    </a>
  );
}

/** What else came with the model. */
export function Sidecars({ file }: { file: FileView }) {
  if (file.sidecars.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={3} fz="md">
        Companion files
      </Title>
      <Text size="xs" c="dimmed">
        Uploaded with the model by its owner and not verified.
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
