'use client';

import { Anchor, Badge, DataList, Group, Progress, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FileView, MetadataView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatNumber } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { CopyValue } from './copy-value.tsx';
import { MergeFamily } from './merge-family.tsx';

/** What the maker recorded in the file, in words: trigger words, training, tags, and what it was merged from. */
export function Recorded({ file }: { file: FileView }) {
  const { data } = useQuery({
    queryKey: ['metadata', file.id, file.sidecars.length, file.identity !== null],
    queryFn: () => callApi<MetadataView>('GET', `/api/files/${file.id}/metadata`).then(makeVisible),
  });
  if (data === undefined) return null;
  const { about, training, tagFolders, triggerWords, merge, usedIn } = data;
  const facts = [
    ['Title', about.title],
    ['Author', about.author],
    ['License', about.licence],
    ['Date', about.date],
    ['Resolution', about.resolution],
    ['Clip skip', about.clipSkip],
    ['Usage hint', about.usageHint],
    ['Description', about.description],
    ['Tags', about.tags.length === 0 ? null : about.tags.join(', ')],
  ].filter((fact): fact is [string, string] => fact[1] !== null);
  return (
    <Stack gap="lg" data-testid="recorded">
      {triggerWords.length > 0 && <TriggerWords words={triggerWords} />}
      {merge !== null && <MergeFamily merge={merge} />}
      {usedIn.length > 0 && <UsedIn models={usedIn} />}
      {facts.length > 0 && <Facts title="Author information" facts={facts} />}
      {training.map(({ title, parameters }) => (
        <Facts key={title} title={title} facts={parameters.map(({ label, value }) => [label, value])} />
      ))}
      {tagFolders.length > 0 && <TagChart folders={tagFolders} />}
    </Stack>
  );
}

function UsedIn({ models }: { models: MetadataView['usedIn'] }) {
  return (
    <Stack gap="xs" data-testid="used-in">
      <Title order={3} fz="md">
        Used in
      </Title>
      {models.map((model) => (
        <Anchor key={model.id} component={Link} href={modelPath(model)} size="sm" className="wrap">
          {model.name}
        </Anchor>
      ))}
    </Stack>
  );
}

function TriggerWords({ words }: { words: MetadataView['triggerWords'] }) {
  return (
    <Stack gap="xs">
      <Title order={3} fz="md">
        Trigger words
      </Title>
      {words.map(({ text, source, from }) => (
        <Group key={text} gap="xs">
          <Text size="sm" fw={600} className="wrap">
            {text}
          </Text>
          <CopyValue name={`trigger word ${text}`} value={text} />
          <Badge variant="default" tt="none" radius="sm" size="sm">
            {source === 'stated' ? 'stated' : 'inferred'}, from {from}
          </Badge>
        </Group>
      ))}
    </Stack>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly (readonly [string, string])[] }) {
  return (
    <Stack gap="xs">
      <Title order={3} fz="md">
        {title}
      </Title>
      <DataList labelWidth="160px" gap={6}>
        {facts.map(([label, value]) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{label}</DataList.ItemLabel>
            <DataList.ItemValue miw={0} className="wrap">
              {value}
            </DataList.ItemValue>
          </DataList.Item>
        ))}
      </DataList>
    </Stack>
  );
}

function TagChart({ folders }: { folders: MetadataView['tagFolders'] }) {
  const [chosen, setChosen] = useState('0');
  const folder = folders[Number(chosen)] ?? folders[0];
  if (folder === undefined) return null;
  const most = folder.tags[0]?.count ?? 1;
  return (
    <Stack gap="xs">
      <Title order={3} fz="md">
        Tags of the training images
      </Title>
      {folders.length > 1 && (
        <Select
          aria-label="Image folder"
          size="xs"
          allowDeselect={false}
          value={chosen}
          onChange={(value) => setChosen(value ?? '0')}
          data={folders.map(({ folder: name }, index) => ({ value: String(index), label: name }))}
        />
      )}
      <Text size="xs" c="dimmed">
        {folder.folder}:{' '}
        {folder.different > folder.tags.length
          ? `${folder.tags.length} most frequent of ${formatNumber(folder.different)} tags`
          : `${formatNumber(folder.different)} tags`}
      </Text>
      {folder.tags.map(({ tag, count }) => (
        <Group key={tag} gap="sm" wrap="nowrap">
          <Text size="xs" w={180} truncate title={tag} style={{ flexShrink: 0 }}>
            {tag}
          </Text>
          <Progress value={(count / most) * 100} style={{ flexGrow: 1 }} aria-label={`${tag}: ${count}`} />
          <Text size="xs" c="dimmed" w={50} ta="right">
            {formatNumber(count)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
