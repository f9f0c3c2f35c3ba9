'use client';

import { Button, Group, Modal, Paper, Progress, Select, Stack, TagsInput, Text } from '@mantine/core';
import { IconCategory, IconCube, IconRefresh, IconTags } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { BASES, type BulkChange, type BulkResult, type CatalogResult, type Term, TYPES } from '#lib/catalog/client.ts';
import { callApi } from '../components/call-api.ts';
import { formatCount, formatNumber } from '../components/format.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import classes from './bulk-bar.module.css';

/** Models of one request; the most that the service takes. */
const STEP = 100;
/** More than this at once is chosen by a narrower search. */
const MAX_CHOSEN = 10_000;

interface BulkBarProps {
  chosen: readonly number[];
  /** Models that the search finds. */
  total: number;
  onChoose: (ids: readonly number[]) => void;
}

/** What can be done to all models that are chosen. Nothing where none is. */
export function BulkBar({ chosen, total, onChoose }: BulkBarProps) {
  const router = useRouter();
  const [done, setDone] = useState<number | null>(null);
  const [dialog, setDialog] = useState<'type' | 'base' | 'tags' | null>(null);
  if (chosen.length === 0) return null;

  const change = async (what: Omit<BulkChange, 'ids'>) => {
    const refused: BulkResult['refused'] = [];
    let changed = 0;
    try {
      for (let from = 0; from < chosen.length; from += STEP) {
        setDone(from);
        const ids = chosen.slice(from, from + STEP);
        const result = await callApi<BulkResult>('POST', '/api/models/bulk', { ids, ...what });
        changed += result.changed.length;
        refused.push(...result.refused);
      }
      if (changed > 0)
        notifyDone(
          what.identify
            ? `${formatCount(changed, 'model is', 'models are')} queued for identification, after new uploads.`
            : `Changed ${formatCount(changed, 'model')}.`,
        );
      if (refused[0] !== undefined)
        notifyFailure(`${formatCount(refused.length, 'model')} not changed`, new Error(refused[0].message));
      onChoose(refused.map(({ id }) => id));
    } catch (error) {
      notifyFailure('Models not changed', error);
    } finally {
      setDone(null);
      router.refresh();
    }
  };
  const chooseAll = async () => {
    try {
      const ids = new Set(chosen);
      const pages = Math.ceil(Math.min(total, MAX_CHOSEN) / STEP);
      for (let page = 1; page <= pages; page += 1) {
        const search = new URLSearchParams(location.search);
        search.set('size', String(STEP));
        search.set('page', String(page));
        const { rows } = await callApi<CatalogResult>('GET', `/api/catalog?${search}`);
        for (const row of rows) if (row.editable) ids.add(row.id);
      }
      onChoose([...ids]);
    } catch (error) {
      notifyFailure('Models not selected', error);
    }
  };
  const busy = done !== null;
  const close = () => setDialog(null);
  const changeAndClose = (what: Omit<BulkChange, 'ids'>) => {
    close();
    void change(what);
  };

  return (
    <Paper withBorder shadow="md" p="sm" radius="md" className={classes.bar} role="region" aria-label="Selected models">
      <Stack gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={600} role="status">
            {formatNumber(chosen.length)} selected
          </Text>
          {chosen.length < total && (
            <Button variant="subtle" size="compact-sm" disabled={busy} onClick={() => void chooseAll()}>
              Select all {formatNumber(total)}
            </Button>
          )}
          <Button variant="subtle" size="compact-sm" disabled={busy} onClick={() => onChoose([])}>
            Clear selection
          </Button>
          <Group gap="xs" ml="auto">
            <Action
              text="Set type"
              icon={<IconCategory size={16} aria-hidden />}
              disabled={busy}
              onClick={() => setDialog('type')}
            />
            <Action
              text="Set base model"
              icon={<IconCube size={16} aria-hidden />}
              disabled={busy}
              onClick={() => setDialog('base')}
            />
            <Action
              text="Add tags"
              icon={<IconTags size={16} aria-hidden />}
              disabled={busy}
              onClick={() => setDialog('tags')}
            />
            <Action
              text="Identify again"
              icon={<IconRefresh size={16} aria-hidden />}
              disabled={busy}
              onClick={() => void change({ identify: true })}
            />
          </Group>
        </Group>
        {busy && <Progress value={(done / chosen.length) * 100} aria-label="Models changed" />}
      </Stack>
      {dialog === 'tags' && <AddTags onClose={close} onAdd={(addTags) => changeAndClose({ addTags })} />}
      {dialog === 'type' && (
        <SetTerm
          title="Set type"
          label="Type"
          terms={TYPES}
          onClose={close}
          onSet={(type) => changeAndClose({ type })}
        />
      )}
      {dialog === 'base' && (
        <SetTerm
          title="Set base model"
          label="Base model"
          terms={BASES}
          onClose={close}
          onSet={(base) => changeAndClose({ base })}
        />
      )}
    </Paper>
  );
}

function Action({
  text,
  icon,
  disabled,
  onClick,
}: {
  text: string;
  icon: ReactNode;
  disabled: boolean;
  onClick: () => void;
}) {
  return (
    <Button size="xs" variant="default" leftSection={icon} disabled={disabled} onClick={onClick}>
      {text}
    </Button>
  );
}

interface SetTermProps {
  title: string;
  label: string;
  terms: readonly Term[];
  /** Null gives the field back to identification. */
  onSet: (id: string | null) => void;
  onClose: () => void;
}

/** A select knows texts only; this one stands for null. */
const DETECTED = 'detected';

function SetTerm({ title, label, terms, onSet, onClose }: SetTermProps) {
  const [value, setValue] = useState<string | null>(null);
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (value !== null) onSet(value === DETECTED ? null : value);
        }}
      >
        <Stack>
          <Select
            label={label}
            description="Your choice overrides automatic detection"
            data={[
              { value: DETECTED, label: 'Automatic' },
              ...terms.map(({ id, label: text }) => ({ value: id, label: text })),
            ]}
            placeholder="Select one"
            searchable
            data-autofocus
            value={value}
            onChange={setValue}
          />
          <DialogButtons submit="Set" disabled={value === null} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

function DialogButtons({ submit, disabled, onClose }: { submit: string; disabled: boolean; onClose: () => void }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" disabled={disabled}>
        {submit}
      </Button>
    </Group>
  );
}

function AddTags({ onAdd, onClose }: { onAdd: (tags: string[]) => void; onClose: () => void }) {
  const [tags, setTags] = useState<string[]>([]);
  return (
    <Modal opened onClose={onClose} title="Add tags" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onAdd(tags);
        }}
      >
        <Stack>
          <TagsInput
            label="Tags"
            description="Press Enter after each tag. Existing tags are kept."
            data-autofocus
            maxTags={50}
            acceptValueOnBlur
            value={tags}
            onChange={setTags}
          />
          <DialogButtons submit="Add" disabled={tags.length === 0} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
