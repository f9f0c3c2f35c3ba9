'use client';

import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { PROFILE_FORM } from '#lib/previews/client.ts';
import type { ProfileValues } from './profile-values.ts';

const SAMPLERS = PROFILE_FORM.shape.sampler.options;
const MAX_PROMPTS = 6;
/** Fields next to each other stand on one line, whether or not they say more of themselves. */
const BELOW: InputWrapperOrder = ['label', 'input', 'description', 'error'];
type InputWrapperOrder = ('label' | 'input' | 'description' | 'error')[];

interface FieldsProps {
  form: UseFormReturnType<ProfileValues>;
}

/** Size, steps, guidance, and which seeds and weights are rendered. */
export function NumbersFields({ form }: FieldsProps) {
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <NumberInput label="Width" suffix=" px" step={8} {...form.getInputProps('width')} />
        <NumberInput label="Height" suffix=" px" step={8} {...form.getInputProps('height')} />
        <NumberInput label="Steps" allowDecimal={false} {...form.getInputProps('steps')} />
        <Select label="Sampler" data={[...SAMPLERS]} allowDeselect={false} {...form.getInputProps('sampler')} />
        <NumberInput
          label="CFG"
          description="1 turns guidance off"
          inputWrapperOrder={BELOW}
          step={0.5}
          {...form.getInputProps('cfgScale')}
        />
        <NumberInput
          label="Clip skip"
          description="1 is the last layer"
          inputWrapperOrder={BELOW}
          allowDecimal={false}
          {...form.getInputProps('clipSkip')}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput label="Checkpoint seeds" description="Used for each prompt" {...form.getInputProps('seeds')} />
        <TextInput
          label="Adapter seeds"
          description="For LoRAs, embeddings and VAEs"
          {...form.getInputProps('adapterSeeds')}
        />
        <TextInput
          label="LoRA weights"
          description="Weights of the sweep, in order"
          {...form.getInputProps('loraWeights')}
        />
      </SimpleGrid>
    </>
  );
}

/** What is rendered. Adapters take the first prompt. */
export function PromptFields({ form }: FieldsProps) {
  const { prompts } = form.getValues();
  return (
    <Fieldset legend="Prompts">
      <Stack>
        {prompts.map((_, index) => (
          <Group key={index} align="flex-start" gap="xs" wrap="wrap">
            <TextInput
              label="Subject"
              description={index === 0 ? 'Used for adapters' : undefined}
              inputWrapperOrder={BELOW}
              w={140}
              {...form.getInputProps(`prompts.${index}.subject`)}
            />
            <Textarea
              label="Prompt"
              autosize
              minRows={1}
              maxRows={5}
              flex="1 1 240px"
              {...form.getInputProps(`prompts.${index}.text`)}
            />
            <ActionIcon
              variant="default"
              size={36}
              mt={25}
              aria-label={`Remove prompt ${index + 1}`}
              disabled={prompts.length === 1}
              onClick={() => form.removeListItem('prompts', index)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="xs"
          variant="default"
          w="fit-content"
          leftSection={<IconPlus size={16} aria-hidden />}
          disabled={prompts.length >= MAX_PROMPTS}
          onClick={() => form.insertListItem('prompts', { subject: '', text: '' })}
        >
          Add prompt
        </Button>
        <Textarea label="Negative prompt" autosize minRows={1} maxRows={5} {...form.getInputProps('negativePrompt')} />
      </Stack>
    </Fieldset>
  );
}

/** What is taken instead on machines without a graphics card. */
export function CpuFields({ form }: FieldsProps) {
  return (
    <Fieldset legend="Without a GPU">
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <NumberInput label="Width" suffix=" px" step={8} {...form.getInputProps('cpu.width')} />
        <NumberInput label="Height" suffix=" px" step={8} {...form.getInputProps('cpu.height')} />
        <NumberInput label="Steps" allowDecimal={false} {...form.getInputProps('cpu.steps')} />
        <TextInput label="Checkpoint seeds" {...form.getInputProps('cpu.seeds')} />
        <TextInput label="Adapter seeds" {...form.getInputProps('cpu.adapterSeeds')} />
      </SimpleGrid>
    </Fieldset>
  );
}
