'use client';

import { Button, Group, Modal, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { BulkActionName } from '#lib/bulk/client.ts';
import { BASES, type Term, TYPES } from '#lib/catalog/client.ts';

const DIALOG_ACTIONS = ['set-tags', 'add-tags', 'remove-tags', 'type', 'base', 'licence', 'delete'] as const;

/** What is asked for something before it starts. */
export type DialogAction = (typeof DIALOG_ACTIONS)[number];

export function isDialogAction(action: BulkActionName): action is DialogAction {
  return DIALOG_ACTIONS.some((one) => one === action);
}

interface BulkDialogProps {
  action: DialogAction;
  /** Which models, in words: `12 models`. */
  models: string;
  onStart: (params: object) => void;
  onClose: () => void;
}

/** Asks what an action needs to know. */
export function BulkDialog({ action, models, onStart, onClose }: BulkDialogProps) {
  switch (action) {
    case 'type':
      return (
        <SetTerm title="Set type" label="Type" terms={TYPES} onClose={onClose} onSet={(type) => onStart({ type })} />
      );
    case 'base':
      return (
        <SetTerm
          title="Set base model"
          label="Base model"
          terms={BASES}
          onClose={onClose}
          onSet={(base) => onStart({ base })}
        />
      );
    case 'licence':
      return <SetLicense onClose={onClose} onSet={(licence) => onStart({ licence })} />;
    case 'delete':
      return <ConfirmDelete models={models} onClose={onClose} onDelete={() => onStart({})} />;
    default:
      return <Tags words={TAG_WORDS[action]} onClose={onClose} onSet={(tags) => onStart({ tags })} />;
  }
}

interface DialogProps {
  title: string;
  submit: string;
  isDanger?: boolean;
  disabled?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

function Dialog({ title, submit, isDanger = false, disabled = false, onSubmit, onClose, children }: DialogProps) {
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack>
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={disabled} {...(isDanger ? { color: 'red' } : {})}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
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
    <Dialog
      title={title}
      submit="Set"
      disabled={value === null}
      onClose={onClose}
      onSubmit={() => value !== null && onSet(value === DETECTED ? null : value)}
    >
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
    </Dialog>
  );
}

const TAG_WORDS = {
  'add-tags': {
    title: 'Add tags',
    submit: 'Add',
    description: 'Press Enter after each tag. Existing tags are kept.',
    mayBeNone: false,
  },
  'remove-tags': {
    title: 'Remove tags',
    submit: 'Remove',
    description: 'Press Enter after each tag. All other tags are kept.',
    mayBeNone: false,
  },
  'set-tags': {
    title: 'Replace tags',
    submit: 'Replace',
    description: 'Press Enter after each tag. All other tags are removed.',
    mayBeNone: true,
  },
};

interface TagsProps {
  words: (typeof TAG_WORDS)[keyof typeof TAG_WORDS];
  onSet: (tags: string[]) => void;
  onClose: () => void;
}

function Tags({ words, onSet, onClose }: TagsProps) {
  const [tags, setTags] = useState<string[]>([]);
  return (
    <Dialog
      title={words.title}
      submit={words.submit}
      disabled={tags.length === 0 && !words.mayBeNone}
      onClose={onClose}
      onSubmit={() => onSet(tags)}
    >
      <TagsInput
        label="Tags"
        description={words.description}
        data-autofocus
        maxTags={50}
        acceptValueOnBlur
        value={tags}
        onChange={setTags}
      />
    </Dialog>
  );
}

function SetLicense({ onSet, onClose }: { onSet: (licence: string | null) => void; onClose: () => void }) {
  const [licence, setLicence] = useState('');
  return (
    <Dialog title="Set license" submit="Set" onClose={onClose} onSubmit={() => onSet(licence.trim() || null)}>
      <TextInput
        label="License"
        description="A name or an SPDX identifier. Leave it empty to remove the license."
        placeholder="creativeml-openrail-m"
        maxLength={500}
        data-autofocus
        value={licence}
        onChange={(event) => setLicence(event.currentTarget.value)}
      />
    </Dialog>
  );
}

function ConfirmDelete({ models, onDelete, onClose }: { models: string; onDelete: () => void; onClose: () => void }) {
  return (
    <Dialog title="Delete models" submit="Delete" isDanger onClose={onClose} onSubmit={onDelete}>
      <Text size="sm">Delete {models} with their files, images and previews? This cannot be undone.</Text>
    </Dialog>
  );
}
