'use client';

import { Button, Group, Modal, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { BASES, labelOf, type ModelPatch, type ModelView, type Term, TYPES } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';

/** A select knows texts only; this one stands for `null`, which gives the field back to identification. */
const DETECTED = 'detected';

/** Name, description, tags, and what the model is where identification should not have the last word. */
export function EditModal({ model, onClose }: { model: ModelView; onClose: () => void }) {
  const router = useRouter();
  const form = useForm({
    initialValues: {
      name: model.name,
      description: model.description,
      tags: model.tags,
      licence: model.licence ?? '',
      type: model.typeSource === 'user' ? model.type : DETECTED,
      base: model.baseSource === 'user' ? model.base : DETECTED,
    },
    validate: { name: (name) => (name.trim() === '' ? 'Enter a name for the model.' : null) },
  });
  const save = async ({ name, description, tags, licence, type, base }: typeof form.values) => {
    const patch: ModelPatch = {
      name: name.trim(),
      description,
      tags,
      licence: licence.trim() || null,
      type: type === DETECTED ? null : type,
      base: base === DETECTED ? null : base,
    };
    try {
      await callApi('PATCH', `/api/models/${model.id}`, patch);
      notifyDone('Changes saved.');
      router.refresh();
      onClose();
    } catch (error) {
      notifyFailure('Changes not saved', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Edit model" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(save)}>
        <Stack>
          <TextInput label="Name" required data-autofocus maxLength={200} {...form.getInputProps('name')} />
          <Textarea
            label="Description"
            description="Markdown is supported"
            autosize
            minRows={4}
            maxRows={14}
            {...form.getInputProps('description')}
          />
          <TagsInput label="Tags" description="Press Enter after each tag" {...form.getInputProps('tags')} />
          <TextInput
            label="License"
            description="A name or an SPDX identifier"
            maxLength={500}
            {...form.getInputProps('licence')}
          />
          <Group grow align="flex-start">
            <Select
              label="Type"
              description="Your choice overrides automatic detection"
              data={choices(TYPES, model.typeSource === 'user' ? null : model.type)}
              allowDeselect={false}
              searchable
              {...form.getInputProps('type')}
            />
            <Select
              label="Base model"
              description="Your choice overrides automatic detection"
              data={choices(BASES, model.baseSource === 'user' ? null : model.base)}
              allowDeselect={false}
              searchable
              {...form.getInputProps('base')}
            />
          </Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function choices(terms: readonly Term[], detected: string | null) {
  const label = detected === null ? 'Automatic' : `Automatic: ${labelOf(terms, detected)}`;
  return [{ value: DETECTED, label }, ...terms.map(({ id, label }) => ({ value: id, label }))];
}
