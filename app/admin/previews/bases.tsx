'use client';

import { Anchor, Badge, Select, Stack, Table, Text } from '@mantine/core';
import { BASES, labelOf } from '#lib/catalog/client.ts';
import type { PreviewSettings, RendererName, SettingsPatch } from '#lib/previews/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { visibleText } from '../../components/visible-text.ts';
import { ComfyAddress } from './comfy-address.tsx';
import { useAdminQuery } from './use-admin-query.ts';

const PATH = '/api/admin/previews/settings';
/** A select knows texts only; this one stands for `null`. */
const MOST_USED = 'most-used';
const RENDERERS: Record<RendererName, string> = { engine: 'Built-in renderer', comfyui: 'ComfyUI' };

/** By what each base version is rendered, and the checkpoint that its adapters are rendered on. */
export function Bases({ initial }: { initial: PreviewSettings }) {
  const { data, put } = useAdminQuery<PreviewSettings>(PATH, initial);
  const change = (patch: SettingsPatch, done: string) =>
    callApi<PreviewSettings>('PATCH', PATH, patch).then((settings) => {
      put(settings);
      notifyDone(done);
    });
  return (
    <Stack gap="lg">
      <ComfyAddress
        key={data.comfyUrl}
        address={data.comfyUrl}
        onSave={(comfyUrl) => change({ comfyUrl }, comfyUrl === null ? 'ComfyUI is no longer used.' : 'Address saved.')}
      />
      <Text size="sm" c="dimmed">
        LoRAs, embeddings and VAEs are rendered on a checkpoint of the same base model: the reference checkpoint, or the
        most used one in the catalog if none is set.
      </Text>
      <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Base models" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Base model</Table.Th>
              <Table.Th>Renderer</Table.Th>
              <Table.Th>Reference checkpoint</Table.Th>
              <Table.Th>Currently used</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.bases.map((row) => (
              <BaseRow key={row.base} row={row} onChange={change} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

interface BaseRowProps {
  row: PreviewSettings['bases'][number];
  onChange: (patch: SettingsPatch, done: string) => Promise<void>;
}

function BaseRow({ row, onChange }: BaseRowProps) {
  const { base, renderer, obstacle, reference, inUse, candidates } = row;
  const label = labelOf(BASES, base);
  const choices = candidates.map(({ id, name, downloads }) => ({
    value: String(id),
    label: `${visibleText(name)} (${formatCount(downloads, 'download')})`,
  }));
  const setRenderer = (name: string | null) => {
    if (name === 'engine' || name === 'comfyui')
      void onChange({ renderer: { base, name } }, `${RENDERERS[name]} now renders ${label}.`).catch((error) =>
        notifyFailure('Renderer not changed', error),
      );
  };
  const setReference = (id: string | null) => {
    const modelId = id === null || id === MOST_USED ? null : Number(id);
    void onChange({ reference: { base, modelId } }, `Reference checkpoint of ${label} changed.`).catch((error) =>
      notifyFailure('Reference checkpoint not changed', error),
    );
  };
  return (
    <Table.Tr data-testid="base-row" data-base={base}>
      <Table.Td>
        <Text size="sm" fw={600}>
          {label}
        </Text>
        {obstacle !== null && (
          <Text size="xs" c="dimmed">
            {obstacle}
          </Text>
        )}
      </Table.Td>
      <Table.Td w={220}>
        <Select
          size="xs"
          aria-label={`Renderer of ${label}`}
          data={Object.entries(RENDERERS).map(([value, name]) => ({ value, label: name }))}
          value={renderer}
          allowDeselect={false}
          onChange={setRenderer}
        />
      </Table.Td>
      <Table.Td w={280}>
        <Select
          size="xs"
          aria-label={`Reference checkpoint of ${label}`}
          data={[{ value: MOST_USED, label: 'Most used' }, ...choices]}
          value={reference === null ? MOST_USED : String(reference.id)}
          allowDeselect={false}
          disabled={candidates.length === 0}
          searchable={candidates.length > 8}
          onChange={setReference}
        />
      </Table.Td>
      <Table.Td className="wrap">
        {inUse === null ? (
          <Badge variant="default" tt="none" radius="sm">
            No checkpoint in the catalog
          </Badge>
        ) : (
          <Anchor component={Link} href={modelPath(inUse)} size="sm">
            {visibleText(inUse.name)}
          </Anchor>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
