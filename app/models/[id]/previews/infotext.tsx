'use client';

import { Button, Code, CopyButton, DataList, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { formatMoment } from '#app/components/format.ts';
import { visibleText } from '#app/components/visible-text.ts';
import type { PictureView } from '#lib/previews/client.ts';
import { CopyValue } from '../copy-value.tsx';
import classes from './infotext.module.css';
import { UNKNOWN_GENERATOR } from './unknown-generator.ts';

/** How a picture was made, taken apart and as it stands in the file. What is copied is what stands there, letter by letter. */
export function Infotext({ picture }: { picture: PictureView }) {
  const { parameters, infotext, seed, generator, uploader, createdAt, width, height } = picture;
  const fields = parameters?.fields ?? [];
  return (
    <Stack gap="sm" data-testid="infotext">
      {parameters?.prompt != null && <Prompt name="Prompt" text={parameters.prompt} />}
      {parameters?.negativePrompt != null && parameters.negativePrompt !== '' && (
        <Prompt name="Negative prompt" text={parameters.negativePrompt} />
      )}
      <DataList labelWidth="104px" gap={4} className={classes.fields}>
        {fields.map(({ label, value }) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{visibleText(label)}</DataList.ItemLabel>
            <DataList.ItemValue miw={0}>
              <Group gap={4} wrap="nowrap">
                <span className="wrap">{visibleText(value)}</span>
                {label === 'Seed' && <CopyValue name="seed" value={value} />}
              </Group>
            </DataList.ItemValue>
          </DataList.Item>
        ))}
        {!fields.some(({ label }) => label === 'Seed') && seed !== null && (
          <DataList.Item>
            <DataList.ItemLabel>Seed</DataList.ItemLabel>
            <DataList.ItemValue>
              <Group gap={4} wrap="nowrap">
                {seed}
                <CopyValue name="seed" value={String(seed)} />
              </Group>
            </DataList.ItemValue>
          </DataList.Item>
        )}
        {generator !== null && generator !== UNKNOWN_GENERATOR && (
          <DataList.Item>
            <DataList.ItemLabel>Generator</DataList.ItemLabel>
            <DataList.ItemValue>{visibleText(generator)}</DataList.ItemValue>
          </DataList.Item>
        )}
        <DataList.Item>
          <DataList.ItemLabel>{uploader === null ? 'Rendered' : 'Added'}</DataList.ItemLabel>
          <DataList.ItemValue className="wrap">
            {uploader === null ? '' : `by ${visibleText(uploader)}, `}
            {formatMoment(createdAt)}, {width} × {height}
          </DataList.ItemValue>
        </DataList.Item>
      </DataList>
      {infotext === null ? (
        <Text size="sm" c="dimmed">
          No generation parameters in this image.
        </Text>
      ) : (
        <>
          <details>
            <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
              Raw metadata
            </Text>
            <Code block tabIndex={0} mah={220} mt="xs" className={classes.whole} data-testid="infotext-whole">
              {visibleText(infotext)}
            </Code>
          </details>
          <CopyButton value={infotext}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                w="fit-content"
                leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
                onClick={copy}
              >
                {copied ? 'Copied' : 'Copy raw metadata'}
              </Button>
            )}
          </CopyButton>
        </>
      )}
    </Stack>
  );
}

function Prompt({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <Group gap={4} justify="space-between">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <CopyValue name={name.toLowerCase()} value={text} />
      </Group>
      <Text size="sm" tabIndex={0} role="region" aria-label={name} className={classes.prompt}>
        {visibleText(text)}
      </Text>
    </div>
  );
}
